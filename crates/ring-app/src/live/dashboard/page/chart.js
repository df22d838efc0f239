'use strict';
// A chart of lines over time, drawn anew with each `draw`.
const WIDTH = 480, HEIGHT = 170, LEFT = 46, BOTTOM = 20, TOP = 8, RIGHT = 6;

function svg(name, attributes, parent) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

// The least of 1, 1.5, 2, … 10, 15, … that is not below `value`.
function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map(step => step * power).find(step => step >= value * 0.999999);
}

// A number in as many digits as say something.
function short(value) {
  if (value >= 1e6) return `${+(value / 1e6).toPrecision(3)} M`;
  if (value >= 1e4) return `${+(value / 1e3).toPrecision(3)} k`;
  return `${+value.toPrecision(3)}`;
}

class Chart {
  // `lines`: names and what they take from a point, or null where there is nothing.
  constructor(id, what, lines) {
    this.what = what;
    this.lines = lines;
    const figure = document.getElementById(id);
    this.picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' }, figure);
    if (lines.length > 1) figure.querySelector('figcaption').append(this.keys());
  }

  keys() {
    const list = document.createElement('ul');
    list.className = 'keys';
    this.lines.forEach(([name], place) => {
      const item = document.createElement('li');
      const sample = svg('svg', { viewBox: '0 0 26 8', 'aria-hidden': 'true' });
      svg('path', { class: `line s${place}`, d: 'M0 4H26' }, sample);
      item.append(sample, name);
      list.append(item);
    });
    return list;
  }

  draw(points) {
    const first = points[0].end_s, last = Math.max(points.at(-1).end_s, first + 1);
    const values = points.flatMap(point => this.lines.map(([, take]) => take(point) ?? 0));
    const most = roundUp(1.05 * Math.max(...values));
    const x = time => LEFT + (time - first) / (last - first) * (WIDTH - LEFT - RIGHT);
    const y = value => HEIGHT - BOTTOM - value / most * (HEIGHT - BOTTOM - TOP);
    this.picture.replaceChildren();
    for (const part of [0, 0.5, 1]) {
      const at = y(part * most);
      svg('path', { class: 'grid', d: `M${LEFT} ${at}H${WIDTH - RIGHT}` }, this.picture);
      const label = { x: LEFT - 6, y: at + 4, 'text-anchor': 'end' };
      svg('text', label, this.picture).textContent = short(part * most);
    }
    for (const [time, anchor] of [[first, 'start'], [last, 'end']]) {
      const label = { x: x(time), y: HEIGHT - 4, 'text-anchor': anchor };
      svg('text', label, this.picture).textContent = `${short(time)} s`;
    }
    this.lines.forEach(([, take], place) => {
      svg('path', { class: `line s${place}`, d: this.path(points, take, x, y) }, this.picture);
    });
    this.picture.setAttribute('aria-label', this.told(points.at(-1), most));
  }

  // Where a point has no value, the line is broken.
  path(points, take, x, y) {
    let joined = false;
    return points.map(point => {
      const value = take(point);
      const step = value === null ? '' : `${joined ? 'L' : 'M'}${x(point.end_s).toFixed(1)} ${y(value).toFixed(1)}`;
      joined = value !== null;
      return step;
    }).join('');
  }

  // The chart for who does not see it.
  told(point, most) {
    const now = this.lines.map(([name, take]) => {
      const value = take(point);
      return `${name} ${value === null ? 'none' : short(value)}`;
    });
    return `${this.what}: now ${now.join(', ')}; the scale ends at ${short(most)}.`;
  }
}
