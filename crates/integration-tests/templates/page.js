'use strict';
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const said = document.getElementById('said');
  document.documentElement.classList.add('js');

  // Sorting: a button in each heading; what has no value stays last in both directions.
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort ?? cell.textContent.trim();
  };
  const byText = new Intl.Collator('en', { numeric: true }).compare;

  const sort = (table, column) => {
    const headings = [...table.tHead.rows[0].cells];
    const heading = headings[column];
    const up = heading.getAttribute('aria-sort') !== 'ascending';
    const body = table.tBodies[0];
    const rows = [...body.rows].map(row => [key(row, column), row]);
    const [some, none] = [rows.filter(([k]) => k !== ''), rows.filter(([k]) => k === '')];
    const numbers = some.every(([k]) => Number.isFinite(Number(k)));
    const order = numbers ? (a, b) => a - b : byText;
    some.sort(([a], [b]) => (up ? order(a, b) : order(b, a)));
    body.append(...some.concat(none).map(([, row]) => row));
    headings.forEach(other => other.setAttribute('aria-sort', 'none'));
    heading.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    said.textContent = `Sorted by ${heading.textContent}, ${up ? 'ascending' : 'descending'}`;
  };

  for (const table of all('table.sortable')) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      heading.append(button);
      heading.setAttribute('aria-sort', 'none');
      button.addEventListener('click', () => sort(table, column));
    });
  }

  // Filter: rows of the table and the folds below show the same cases.
  const cases = all('[data-verdict]');
  const filter = () => {
    const verdict = document.querySelector('input[name="verdict"]:checked').value;
    const words = document.getElementById('find').value.toLowerCase().split(/\s+/);
    for (const one of cases) {
      const fits = verdict === 'all' || one.dataset.verdict === verdict;
      one.hidden = !(fits && words.every(word => one.dataset.words.includes(word)));
    }
    const rows = all('#results tbody tr');
    const shown = rows.filter(row => !row.hidden).length;
    said.textContent = document.getElementById('shown').textContent =
      `${shown} of ${rows.length} shown`;
  };
  all('input[name="verdict"], #find').forEach(input => input.addEventListener('input', filter));

  // Folds.
  const fold = open => all('details.case:not([hidden])').forEach(one => { one.open = open; });
  document.getElementById('unfold').addEventListener('click', () => fold(true));
  document.getElementById('fold').addEventListener('click', () => fold(false));

  // Flame graphs are loaded when their fold opens, not before: a page may have hundreds.
  document.addEventListener('toggle', event => {
    for (const frame of all('iframe[data-graph]', event.target)) {
      if (frame.closest('details:not([open])')) continue;
      frame.srcdoc = frame.dataset.graph;
      delete frame.dataset.graph;
    }
  }, true);

  // A link to a case shows it, also if it is folded or filtered out.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) {
      target.hidden = false;
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener('hashchange', follow);
  document.addEventListener('click', event => {
    if (event.target.closest('a[href^="#case-"]')?.hash === location.hash) follow();
  });
  filter();
  follow();
})();
