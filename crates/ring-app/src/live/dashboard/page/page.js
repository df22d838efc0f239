// Asks for what is new after each interval, and draws all that is known.
const KEPT = 600, SHARDS_SHOWN = 128, ROWS = 15;
const milliseconds = us => (us === null ? null : us / 1e3);
const charts = [
  new Chart('chart-rate', 'Rate in Mb/s', [['rate', point => point.rate_mbps]]),
  new Chart('chart-dropped', 'Dropped packets a second', [['dropped', point => point.dropped_per_s]]),
  new Chart('chart-latency', 'Time in the ring in ms', [
    ['p50', point => milliseconds(point.p50_us)],
    ['p99', point => milliseconds(point.p99_us)],
    ['p99.9', point => milliseconds(point.p999_us)],
  ]),
  new Chart('chart-cpu', 'CPU in % of one core', [['CPU', point => point.cpu_percent]]),
];
let points = [];

document.getElementById('no-script').remove();

const by = id => document.getElementById(id);
const put = (id, text) => { by(id).textContent = text; };

function duration(us) {
  if (us === null) return '–';
  if (us < 1e3) return `${+us.toPrecision(3)} µs`;
  return us < 1e6 ? `${+(us / 1e3).toPrecision(3)} ms` : `${+(us / 1e6).toPrecision(3)} s`;
}

function clock(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const parts = [hours && `${hours} h`, (hours || minutes) && `${minutes} min`];
  return [...parts, `${Math.floor(seconds) % 60} s`].filter(Boolean).join(' ');
}

function about(facts) {
  const each = facts.rate_mbps === null ? '' : ` at ${facts.rate_mbps} Mb/s`;
  const source = facts.source === 'udp' ? 'receiving UDP' : `generating${each || ' without limit'}`;
  return `${facts.producers} producers ${source}, ${facts.shards} shards of ${facts.shard_slots} slots, `
    + `version ${facts.version}`;
}

function drawFigures({ facts, totals }, point) {
  put('rate', `${point.rate_mbps.toFixed(2)} Mb/s`);
  put('packets', `${Math.round(point.packets_per_s).toLocaleString('en')} packets/s`);
  put('dropped', totals.dropped.toLocaleString('en'));
  by('dropped').classList.toggle('some', totals.dropped > 0);
  const share = 100 * totals.dropped / Math.max(1, totals.produced + totals.dropped);
  put('dropped-share', `${share.toFixed(2)} % of ${(totals.produced + totals.dropped).toLocaleString('en')}`);
  by('kernel').hidden = totals.kernel_drops === null;
  put('kernel-drops', totals.kernel_drops?.toLocaleString('en') ?? '–');
  by('kernel-drops').classList.toggle('some', totals.kernel_drops > 0);
  put('p99', duration(point.p99_us));
  put('latencies', `p50 ${duration(point.p50_us)}, p99.9 ${duration(point.p999_us)}`);
  put('cpu', `${point.cpu_percent.toFixed(1)} %`);
  put('window', facts.window === null ? 'none' : totals.window.toLocaleString('en'));
  put('window-most', facts.window === null ? '' : `of ${facts.window.toLocaleString('en')} packets`);
  put('running', clock(point.end_s));
  put('left', facts.duration_s === null ? 'until it is stopped' : `of ${clock(facts.duration_s)}`);
}

function drawShards({ facts, shards }) {
  put('shards-about', `The most packets in each in the last interval, of ${facts.shard_slots} slots.`);
  const list = by('shards');
  const shown = shards.slice(0, SHARDS_SHOWN);
  while (list.children.length > shown.length) list.lastChild.remove();
  shown.forEach((shard, place) => {
    const item = list.children[place] ?? newShard(list, place);
    item.querySelector('.fill').style.width = `${100 * shard.peak / facts.shard_slots}%`;
    item.querySelector('.number').textContent = `${shard.peak} of ${facts.shard_slots}`;
  });
  if (shards.length > shown.length) {
    const item = document.createElement('li');
    item.className = 'more';
    const most = Math.max(...shards.slice(SHARDS_SHOWN).map(shard => shard.peak));
    item.textContent = `and ${shards.length - shown.length} more, at most ${most}`;
    list.append(item);
  }
}

function newShard(list, place) {
  const item = document.createElement('li');
  const [shard, bar, fill, number] = ['span', 'div', 'div', 'span'].map(name => document.createElement(name));
  [shard.className, bar.className, fill.className, number.className] = ['shard', 'bar', 'fill', 'number'];
  shard.textContent = place;
  bar.setAttribute('aria-hidden', 'true');
  bar.append(fill);
  item.append(shard, bar, number);
  list.append(item);
  return item;
}

function drawTable() {
  const rows = points.slice(-ROWS).reverse().map(point => {
    const row = document.createElement('tr');
    const cells = [`${point.end_s.toFixed(1)} s`, point.rate_mbps.toFixed(2),
      Math.round(point.packets_per_s), Math.round(point.dropped_per_s), duration(point.p50_us),
      duration(point.p99_us), duration(point.p999_us), `${point.cpu_percent.toFixed(1)} %`];
    for (const text of cells) row.insertCell().textContent = text;
    return row;
  });
  by('table').replaceChildren(...rows);
}

function take(data) {
  put('about', about(data.facts));
  if (data.points.length === 0) return;
  points = [...points, ...data.points].slice(-KEPT);
  drawFigures(data, points.at(-1));
  for (const chart of charts) chart.draw(points);
  drawShards(data);
  drawTable();
}

// Another run at the same address begins anew.
let run = null;

async function ask() {
  const answer = await fetch(`/data?after=${points.at(-1)?.number ?? 0}`);
  if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
  const data = await answer.json();
  if (run !== null && run !== data.facts.started_unix_s) location.reload();
  run = data.facts.started_unix_s;
  take(data);
  return Math.min(Math.max(250, 1000 * data.facts.stats_interval_s), 5000);
}

function say(text, lost) {
  if (by('state').textContent !== text) put('state', text);
  by('state').classList.toggle('lost', lost);
}

async function go() {
  let pause_ms = 2000;
  try {
    pause_ms = await ask();
    say('Live.', false);
  } catch {
    say('The run has ended or cannot be reached: these are its last figures.', true);
  }
  setTimeout(go, pause_ms);
}

go();
