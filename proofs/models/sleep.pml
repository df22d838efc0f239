/* Sleep and wake: announce, barrier, look again, sleep; on both sides of a shared shard.
 *
 * Two producers write ITEMS items each into a shard of CAPACITY slots and sleep while it is full;
 * the consumer sleeps while it is empty. Checked: nobody sleeps for ever (a state in which nothing
 * moves and somebody has not ended is an error), and all that was written is read.
 *
 * Memory is that of x86: a thread's stores wait in its own buffer, in order, and are seen by others
 * when `Memory` takes them out, at any time. So a load may overtake an earlier store, which is
 * what the barriers of crates/lock-free-ring/src/barrier.rs are there for. Compare-exchange and
 * taking a lock empty the own buffer; giving a lock back is a store like any other.
 *
 * The heavy barrier is membarrier(2): each thread's buffer is emptied at some moment between its
 * begin and its end, not all at the same. With -DFENCES both sides empty their own buffer instead.
 *
 * Broken on request, and then to be refuted: -DNO_SECOND_LOOK sleeps after the barrier without
 * looking again; -DNO_BARRIER looks again without the barrier.
 */

#ifndef CAPACITY
#define CAPACITY 1
#endif
#ifndef ITEMS
#define ITEMS 2
#endif

#define PRODUCERS 2
#define CONSUMER PRODUCERS
#define THREADS (PRODUCERS + 1)
#define TOTAL (PRODUCERS * ITEMS)

/* The gates: where the consumer sleeps until there are items, and producers until there is room. */
#define ITEMS_GATE 0
#define ROOM_GATE 1

/* What lies in memory, by its address. */
#define HEAD 0           /* positions given back */
#define MARK(gate) (1 + (gate)) /* not zero: somebody sleeps there, or is about to */
#define LOCK(gate) (3 + (gate))
#define STAMP 5          /* one for each position, since all are claimed once only */
#define WORDS (STAMP + TOTAL)

byte memory[WORDS];
byte tail; /* moved by compare-exchange alone, which no buffer delays */

/* The store buffers. */
#define ROOM_IN_BUFFER 6
#define PLACE(thread, nth) ((thread) * ROOM_IN_BUFFER + (nth))
byte waiting[THREADS];
byte address[THREADS * ROOM_IN_BUFFER];
byte value[THREADS * ROOM_IN_BUFFER];

/* Each gate's list; and whether a thread's next sleep ends at once. */
#define ON_LIST(gate, thread) listed[(gate) * THREADS + (thread)]
bool listed[2 * THREADS];
bool woken[THREADS];

inline store(thread, where, what) {
    d_step {
        waiting[thread] < ROOM_IN_BUFFER;
        address[PLACE(thread, waiting[thread])] = where;
        value[PLACE(thread, waiting[thread])] = what;
        waiting[thread]++
    }
}

/* The oldest store of `thread` reaches memory. */
inline drain_one(thread) {
    memory[address[PLACE(thread, 0)]] = value[PLACE(thread, 0)];
    waiting[thread]--;
    nth = 0;
    do
    :: nth < waiting[thread] ->
        address[PLACE(thread, nth)] = address[PLACE(thread, nth + 1)];
        value[PLACE(thread, nth)] = value[PLACE(thread, nth + 1)];
        nth++
    :: else -> break
    od;
    address[PLACE(thread, waiting[thread])] = 0;
    value[PLACE(thread, waiting[thread])] = 0;
    nth = 0
}

inline drain(thread) {
    d_step {
        do
        :: waiting[thread] > 0 -> drain_one(thread)
        :: else -> break
        od
    }
}

/* A thread sees its own stores before others do. */
inline load(thread, where, into) {
    d_step {
        into = memory[where];
        nth = 0;
        do
        :: nth < waiting[thread] ->
            if
            :: address[PLACE(thread, nth)] == where -> into = value[PLACE(thread, nth)]
            :: else
            fi;
            nth++
        :: else -> break
        od;
        nth = 0
    }
}

/* Somebody moves the stores on at any time. */
active proctype Memory() {
    byte nth;
end:
    do
    :: d_step { waiting[0] > 0 -> drain_one(0) }
    :: d_step { waiting[1] > 0 -> drain_one(1) }
    :: d_step { waiting[CONSUMER] > 0 -> drain_one(CONSUMER) }
    od
}

inline light(thread) {
#ifdef FENCES
    drain(thread)
#else
    skip
#endif
}

inline heavy(thread) {
#ifdef NO_BARRIER
    skip
#else
    drain(thread);
#ifndef FENCES
    drain(0);
    drain(1);
    drain(CONSUMER)
#endif
#endif
}

inline lock(thread, gate) {
    atomic {
        memory[LOCK(gate)] == 0 -> drain(thread);
        memory[LOCK(gate)] = 1
    }
}

inline unlock(thread, gate) {
    store(thread, LOCK(gate), 0)
}

/* `Gate::announce`, `Gate::retract` and `Gate::wake`. The list is touched under the lock alone,
 * whose taker sees all that its last holder stored: so the list needs no buffer. */
inline announce(thread, gate) {
    lock(thread, gate);
    ON_LIST(gate, thread) = true;
    store(thread, MARK(gate), 1);
    unlock(thread, gate)
}

inline retract(thread, gate) {
    load(thread, MARK(gate), seen);
    if
    :: seen == 0
    :: else ->
        lock(thread, gate);
        ON_LIST(gate, thread) = false;
        if
        :: !ON_LIST(gate, 0) && !ON_LIST(gate, 1) && !ON_LIST(gate, CONSUMER) ->
            store(thread, MARK(gate), 0)
        :: else
        fi;
        unlock(thread, gate)
    fi
}

inline wake_one(gate, sleeper) {
    if
    :: ON_LIST(gate, sleeper) ->
        d_step { ON_LIST(gate, sleeper) = false; woken[sleeper] = true }
    :: else
    fi
}

inline wake(thread, gate) {
    load(thread, MARK(gate), seen);
    if
    :: seen == 0
    :: else ->
        lock(thread, gate);
        store(thread, MARK(gate), 0);
        wake_one(gate, 0);
        wake_one(gate, 1);
        wake_one(gate, CONSUMER);
        unlock(thread, gate)
    fi
}

inline sleep(thread) {
    d_step { woken[thread] -> woken[thread] = false }
}

/* A look for room: a claim, if there is any. */
inline claim() {
    load(me, HEAD, seen);
    atomic {
        /* A tail that moved on meanwhile only makes the compare-exchange try again. */
        if
        :: tail - seen < CAPACITY -> drain(me); at = tail; tail++; got = true
        :: else -> got = false
        fi
    }
}

proctype Producer(byte me) {
    byte written, at, seen, nth;
    bool got;
    do
    :: written == ITEMS -> break
    :: else ->
        claim();
        do
        :: got -> break
        :: else ->
            announce(me, ROOM_GATE);
            heavy(me);
#ifndef NO_SECOND_LOOK
            claim();
            if
            :: got -> retract(me, ROOM_GATE); break
            :: else
            fi;
#endif
            sleep(me);
            claim()
        od;
        store(me, STAMP + at, 1);
        light(me);
        wake(me, ITEMS_GATE);
        d_step { written++; at = 0; seen = 0; got = false }
    od
}

proctype Consumer() {
    byte own, seen, nth;
    do
    :: own == TOTAL -> break
    :: else ->
        load(CONSUMER, STAMP + own, seen);
        do
        :: seen == 1 -> break
        :: else ->
            announce(CONSUMER, ITEMS_GATE);
            heavy(CONSUMER);
#ifndef NO_SECOND_LOOK
            load(CONSUMER, STAMP + own, seen);
            if
            :: seen == 1 ->
                retract(CONSUMER, ITEMS_GATE);
                break
            :: else
            fi;
#endif
            sleep(CONSUMER);
            load(CONSUMER, STAMP + own, seen)
        od;
        own++;
        store(CONSUMER, HEAD, own);
        light(CONSUMER);
        wake(CONSUMER, ROOM_GATE);
        seen = 0
    od;
    assert(tail == TOTAL)
}

init {
    atomic {
        run Producer(0);
        run Producer(1);
        run Consumer()
    }
}
