/* The shared shard: claim by compare-exchange, publish by stamp, release by head.
 *
 * Two producers offer ITEMS items each to a shard of CAPACITY slots that holds FILLED already, one
 * at a time or two under one claim; what is refused is offered again or given up. The consumer
 * takes some in a row and gives them back with one step of the head. Checked: no cell is touched
 * by two at once, nothing is lost, nothing comes twice, each producer's order is kept, and the
 * bounds S1 of crates/lock-free-ring/src/cursor.rs.
 *
 * Positions are bytes that start near their end, so they wrap as the real ones do at 2^63. Memory
 * is sequentially consistent here: the orderings are loom's subject, this is the protocol's.
 *
 * With -DDOCUMENT the same producers run the algorithm of the document that this crate succeeds
 * (fetch-add, look, and where the slot is not free, fetch-sub), which must be refuted.
 */

#ifndef CAPACITY
#define CAPACITY 2
#endif
#ifndef FILLED
#define FILLED CAPACITY
#endif
#ifndef ITEMS
#define ITEMS 3
#endif

#define PRODUCERS 2
#define FILLER PRODUCERS /* who filled the shard beforehand */

#ifdef DOCUMENT
#define CELLS CAPACITY
#define START 0
#else
/* The next power of two, as in the code: a shard of 3 has 4 cells. */
#define CELLS (CAPACITY == 3 -> 4 : CAPACITY)
#define START 253
#endif
#define INDEX(position) ((position) % CELLS)
#define SINCE(later, earlier) (((later) - (earlier)) & 255)

byte head = START;
byte tail = START;

/* A stamp says which position was published last, and whether as an item or as aborted. (The code
   keeps the parity of the position's lap alone; that it is enough is checked by loom's models.) */
byte stamp[4];
bool stamp_aborted[4];
byte item_from[4];
byte item_number[4];
byte inside[4]; /* how many threads are at work in a cell */

byte accepted[3];
byte taken[3];
byte next_taken[3];
byte done;

inline enter(cell) {
    d_step { inside[cell]++; assert(inside[cell] == 1) }
}

inline leave(cell) {
    inside[cell]--
}

/* The consumer notes an item: not before its time, and not again. */
inline note(cell) {
    d_step {
        from = item_from[cell];
        assert(item_number[cell] >= next_taken[from]);
        next_taken[from] = item_number[cell] + 1;
        taken[from]++
    }
}

#ifdef DOCUMENT

inline offer() {
    d_step { at = tail; tail++ };
    if
    :: stamp[INDEX(at)] != at ->
        tail--; /* the fault: a claim undone */
        won = 0
    :: else ->
        enter(INDEX(at));
        d_step { item_from[INDEX(at)] = me; item_number[INDEX(at)] = number };
        leave(INDEX(at));
        d_step { accepted[me]++; number++ };
        stamp[INDEX(at)] = at + 1;
        won = 1
    fi
}

inline take_some() {
    if
    :: stamp[INDEX(own)] == ((own + 1) & 255) ->
        enter(INDEX(own));
        note(INDEX(own));
        leave(INDEX(own));
        stamp[INDEX(own)] = own + CAPACITY;
        own++;
        head = own;
        found = 1
    :: else -> found = 0
    fi
}

#else

/* Wins up to `wanted` positions: `Tail::claim`. */
inline claim() {
    at = tail;
    do
    :: used = SINCE(at, head);
        if
        :: used >= CAPACITY -> /* full, or the tail that we hold is older than the head */
            newer = tail;
            if
            :: newer == at -> won = 0; break
            :: else -> at = newer
            fi
        :: else ->
            won = (wanted <= CAPACITY - used -> wanted : CAPACITY - used);
            if
            :: d_step { tail == at -> tail = at + won }; break
            :: d_step { tail != at -> at = tail }
            fi
        fi
    od;
    assert(SINCE(tail, head) <= CAPACITY);
    d_step { used = 0; newer = 0; wanted = 0 } /* else they make many states of one */
}

inline publish_one() {
    if
    :: enter(INDEX(at));
        d_step { item_from[INDEX(at)] = me; item_number[INDEX(at)] = number };
        leave(INDEX(at));
        d_step { accepted[me]++; number++ };
        d_step { stamp[INDEX(at)] = at; stamp_aborted[INDEX(at)] = false }
#ifdef ABORTS
    :: d_step { stamp[INDEX(at)] = at; stamp_aborted[INDEX(at)] = true; number++ }
#endif
    fi;
    at++;
    won--
}

inline offer() {
    if
    :: wanted = 1
#ifdef BATCHES
    :: number + 2 <= ITEMS -> wanted = 2
#endif
    fi;
    claim();
    if
    :: won == 0
    :: else ->
        do
        :: won > 0 -> publish_one()
        :: else -> break
        od;
        won = 1
    fi
}

/* Takes what is there in a row, as far as it likes, and releases all of it at once. */
inline take_some() {
    found = 0;
    do
    :: stamp[INDEX(own)] == own ->
        if
        :: stamp_aborted[INDEX(own)]
        :: else ->
            enter(INDEX(own));
            note(INDEX(own));
            leave(INDEX(own))
        fi;
        own++;
        found = 1;
        if
        :: true -> break
        :: true
        fi
    :: else -> break
    od;
    head = own
}

#endif

proctype Producer(byte me) {
    byte number, at, used, newer, wanted, won;
    do
    :: number < ITEMS ->
        offer();
        if
        :: won == 0 -> /* refused: try again, or give this one up */
            if
            :: true
            :: number++
            fi
        :: else
        fi
    :: else -> break
    od;
    done++
}

proctype Consumer() {
    byte own = START;
    byte from, found;
    do
    :: done < PRODUCERS -> take_some()
    :: done == PRODUCERS ->
        take_some();
        if
        :: found
        :: else -> break
        fi
    od;
    assert(taken[0] == accepted[0]);
    assert(taken[1] == accepted[1]);
    assert(taken[FILLER] == FILLED)
}

init {
    byte cell, position;
    atomic {
        /* Each stamp is one lap behind the first position that comes there. */
        position = START;
        do
        :: SINCE(position, START) < CELLS ->
#ifdef DOCUMENT
            stamp[INDEX(position)] = position;
#else
            stamp[INDEX(position)] = position - CELLS;
#endif
            position++
        :: else -> break
        od;
        position = START;
        do
        :: SINCE(position, START) < FILLED ->
            cell = INDEX(position);
            item_from[cell] = FILLER;
            item_number[cell] = SINCE(position, START);
#ifdef DOCUMENT
            stamp[cell] = position + 1;
#else
            stamp[cell] = position;
#endif
            position++
        :: else -> break
        od;
        tail = position;
        run Producer(0);
        run Producer(1);
        run Consumer()
    }
}
