// The report's page in a real browser: `make test-report`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open, start } from './browser.mjs';
import { faint } from './contrast.mjs';

const DESKTOP = { viewport: { width: 1280, height: 900 } };
const PHONES = [320, 390].map(width => ({
  viewport: { width, height: 800 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2,
}));
const TABLET = { viewport: { width: 768, height: 1024 } };
const PAGES = ['sample', 'full', 'all', 'hostile'];

let browser;
before(async () => { browser = await start(); });
after(() => browser?.close());

const unfold = page => page.evaluate(() => {
  document.querySelectorAll('details').forEach(one => { one.open = true; });
});
const ids = page => page.locator('#results tbody tr:visible th').allTextContents();

test('each page loads without a complaint and asks for nothing', async () => {
  for (const name of PAGES) {
    await open(browser, name, DESKTOP, async page => {
      await page.waitForLoadState('load');
      assert.match(await page.title(), /^ring: set /);
      const bytes = (await page.content()).length;
      console.log(`${name}: ${await page.locator('.case').count()} cases, ${bytes} characters`);
    });
  }
});

test('every id is there once', async () => {
  for (const name of PAGES) {
    await open(browser, name, DESKTOP, async page => {
      const twice = await page.evaluate(() => {
        const all = [...document.querySelectorAll('[id]')].map(one => one.id);
        return all.filter((id, place) => all.indexOf(id) !== place);
      });
      assert.deepEqual(twice, []);
    });
  }
});

test('the table sorts by each column, up and down, and keeps what is missing last', async () => {
  await open(browser, 'sample', DESKTOP, async page => {
    const headings = page.locator('#results thead th');
    const count = await headings.count();
    assert.ok(count >= 10);
    for (let column = 0; column < count; column += 1) {
      for (const [pressed, direction] of [['click', 'ascending'], ['Enter', 'descending']]) {
        const button = headings.nth(column).getByRole('button');
        if (pressed === 'click') await button.click();
        else await button.press(pressed);
        assert.equal(await headings.nth(column).getAttribute('aria-sort'), direction);
        assert.equal(await page.locator(`th[aria-sort="${direction}"]`).count(), 1);
        const keys = await page.locator(`#results tbody tr > :nth-child(${column + 1})`)
          .evaluateAll(cells => cells.map(cell => cell.dataset.sort ?? cell.textContent.trim()));
        assertSorted(keys, direction === 'ascending' ? 1 : -1);
      }
    }
    assert.match(await page.locator('#said').textContent(), /^Sorted by Latency p99, descending/);
  });
});

function assertSorted(keys, sign) {
  const known = keys.filter(key => key !== '');
  assert.deepEqual(keys.slice(0, known.length), known, 'what is missing comes last');
  const numbers = known.every(key => Number.isFinite(Number(key)));
  for (let place = 1; place < known.length; place += 1) {
    const [a, b] = known.slice(place - 1, place + 1);
    const order = numbers ? a - b : a.localeCompare(b, 'en', { numeric: true });
    assert.ok(order * sign <= 0, `${a} before ${b}`);
  }
}

test('sorting by a figure brings the right case to the top', async () => {
  await open(browser, 'sample', DESKTOP, async page => {
    await page.getByRole('button', { name: 'Rate error' }).click();
    assert.equal((await ids(page))[0], 'T128');
    await page.getByRole('button', { name: 'Rate, Mb/s' }).click();
    await page.getByRole('button', { name: 'Rate, Mb/s' }).click();
    assert.deepEqual((await ids(page)).slice(0, 2), ['O001', 'T004']);
    await page.getByRole('button', { name: 'Verdict' }).click();
    assert.equal((await ids(page))[0], 'T140', 'crashed comes first in the alphabet');
  });
});

test('the filter shows passed, failed and what is looked for, in the table and below', async () => {
  await open(browser, 'sample', DESKTOP, async page => {
    const shown = async () => [
      await ids(page),
      (await page.locator('.case:visible').evaluateAll(all => all.map(one => one.id))).sort(),
    ];
    await page.getByLabel('failed', { exact: true }).check();
    const failed = ['T128', 'T139', 'T140'];
    assert.deepEqual(await shown(), [failed, failed.map(id => `case-${id}`)]);
    assert.equal(await page.locator('#shown').textContent(), '3 of 6 shown');
    await page.getByLabel('passed', { exact: true }).check();
    assert.deepEqual((await shown())[0], ['T003', 'T004', 'O001']);
    await page.getByLabel('Find').fill('8P_50mb');
    assert.deepEqual(await shown(), [['T004'], ['case-T004']]);
    await page.getByLabel('Find').fill('');
    await page.getByLabel('all', { exact: true }).check();
    assert.equal((await ids(page)).length, 6);
  });
});

test('the radio buttons and the folds work by keyboard', async () => {
  await open(browser, 'sample', DESKTOP, async page => {
    await page.getByLabel('all', { exact: true }).focus();
    await page.keyboard.press('ArrowRight');
    assert.deepEqual(await ids(page), ['T003', 'T004', 'O001']);
    await page.locator('#case-T003 > summary').focus();
    await page.keyboard.press('Enter');
    assert.ok(await page.locator('#case-T003 .charts').isVisible());
  });
});

test('failed cases come first and open, the others fold and unfold', async () => {
  await open(browser, 'sample', DESKTOP, async page => {
    const all = await page.locator('.case').evaluateAll(cases => cases.map(one => [one.id, one.open]));
    assert.deepEqual(all.slice(0, 3).map(([, isOpen]) => isOpen), [true, true, true]);
    assert.deepEqual(all.slice(3).map(([, isOpen]) => isOpen), [false, false, false]);
    assert.ok(await page.locator('#case-T139 .reasons').isVisible());
    assert.ok(await page.locator('#case-T139 pre').isVisible(), 'the log of a failed case is open');
    await page.getByRole('button', { name: 'Unfold all' }).click();
    assert.equal(await page.locator('.case[open]').count(), 6);
    await page.getByRole('button', { name: 'Fold all', exact: true }).click();
    assert.equal(await page.locator('.case[open]').count(), 0);
    await page.locator('#case-T004 > summary').click();
    assert.ok(await page.locator('#case-T004 .checks').isVisible());
  });
});

test('a link to a case unfolds it, again too, and brings it back from the filter', async () => {
  await open(browser, 'sample', DESKTOP, async page => {
    const link = page.locator('#results a', { hasText: 'T004' });
    const target = page.locator('#case-T004');
    for (let time = 0; time < 2; time += 1) {
      await link.click();
      await page.waitForFunction(() => document.getElementById('case-T004').open);
      await page.getByRole('button', { name: 'Fold all', exact: true }).click();
    }
    await page.getByLabel('failed', { exact: true }).check();
    assert.ok(!(await target.isVisible()));
    await page.locator('.advice a', { hasText: 'T004' }).click();
    await page.waitForFunction(() => document.getElementById('case-T004').open);
    assert.ok(await target.isVisible());
  });
});

test('every chart is there, has a size, and draws inside of its picture', async () => {
  for (const [name, cases] of [['sample', 4], ['full', 66]]) {
    await open(browser, name, DESKTOP, async page => {
      await unfold(page);
      const charts = await page.locator('.chart > svg').evaluateAll(all => all.map(svg => {
        const { width, height } = svg.getBoundingClientRect();
        const { width: most, height: highest } = svg.viewBox.baseVal;
        const drawn = [...svg.querySelectorAll('.line, .fill')].map(path => path.getBBox());
        const inside = drawn.every(box => box.x >= 0 && box.y >= -0.1
          && box.x + box.width <= most && box.y + box.height <= highest);
        const texts = [...svg.querySelectorAll('text')].map(text => text.getBBox());
        const cut = texts.filter(box => box.x < -1 || box.x + box.width > most + 1).length;
        return { width, height, lines: drawn.length, wide: drawn.every(box => box.width > 100),
          inside, cut, label: svg.getAttribute('aria-label') };
      }));
      assert.equal(charts.length, 4 * cases, 'rate, latency, shards and CPU of each run');
      for (const chart of charts) {
        assert.ok(chart.width > 200 && chart.height > 80, JSON.stringify(chart));
        assert.ok(chart.lines > 0 && chart.wide && chart.inside, JSON.stringify(chart));
        assert.equal(chart.cut, 0, `texts are cut off: ${JSON.stringify(chart)}`);
        assert.ok(chart.label.length > 10 && !/NaN|undefined/.test(chart.label), chart.label);
      }
    });
  }
});

test('flame graphs are shown, and zoom by their own script', async () => {
  await open(browser, 'sample', DESKTOP, async page => {
    await unfold(page);
    const frames = page.locator('.profile iframe');
    assert.equal(await frames.count(), 5);
    for (let place = 0; place < 5; place += 1) {
      await frames.nth(place).scrollIntoViewIfNeeded();
      const graph = frames.nth(place).contentFrame();
      const leaf = graph.locator('#frames g').last();
      await leaf.waitFor();
      const shares = await graph.locator('#frames').evaluate(all => all.getBBox().width / innerWidth);
      assert.ok(shares > 0.9, `the graph fills ${shares} of its frame`);
      const width = () => leaf.locator('rect').evaluate(rect => rect.getBoundingClientRect().width);
      const small = await width();
      await leaf.click();
      assert.ok(await width() > 2 * small, 'a click zooms in');
      await graph.locator('#unzoom').click();
      assert.ok(Math.abs(await width() - small) < 1, 'and out');
      const summary = frames.nth(place).locator('xpath=..').locator('summary');
      await summary.click();
      await summary.click();
      assert.ok(Math.abs(await width() - small) < 1, 'a fold that closes and opens keeps it');
    }
  });
});

test('a profile that failed says why, and the others have their functions', async () => {
  await open(browser, 'sample', DESKTOP, async page => {
    await unfold(page);
    const profiles = page.locator('#case-T004 .profile');
    assert.equal(await profiles.count(), 6);
    assert.equal(await page.locator('.profile td.number').count(), 5 * 5 * 2);
    assert.match(await profiles.last().textContent(), /No profile: .*not a gzip file/);
  });
});

for (const colorScheme of ['light', 'dark']) {
  test(`everything can be read in the ${colorScheme}`, async () => {
    await open(browser, 'sample', { ...DESKTOP, colorScheme }, async page => {
      await unfold(page);
      const { looked, found } = await page.evaluate(faint);
      assert.ok(looked > 400, `only ${looked} texts and lines were looked at`);
      assert.deepEqual(found, []);
      const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(/rgb\((\d+)/.exec(back)[1] > 128, colorScheme === 'light');
    });
  });
}

test('no screen scrolls sideways: tables scroll in their boxes', async () => {
  for (const device of [...PHONES, TABLET, DESKTOP]) {
    for (const name of ['sample', 'hostile']) {
      await open(browser, name, device, async page => {
        await unfold(page);
        const { page: [room, needed], boxes } = await page.evaluate(() => ({
          page: [document.documentElement.clientWidth, document.documentElement.scrollWidth],
          boxes: [...document.querySelectorAll('.box')].filter(box => box.scrollWidth > box.clientWidth).length,
        }));
        assert.ok(needed <= room, `${name} at ${device.viewport.width}: ${needed} > ${room}`);
        if (device.viewport.width < 400) assert.ok(boxes > 0, 'the wide tables scroll');
      });
    }
  }
});

test('in print, folds are open and what is to be clicked is gone', async () => {
  await open(browser, 'sample', { ...DESKTOP, colorScheme: 'dark' }, async page => {
    const log = page.locator('#case-T004 pre');
    assert.ok(!(await log.isVisible()), 'it is folded on the screen');
    await page.emulateMedia({ media: 'print' });
    assert.ok((await log.boundingBox()).height > 20, 'it is open in print');
    assert.ok((await page.locator('#case-T004 .chart > svg').first().boundingBox()).height > 80);
    for (const gone of ['.controls', '.contents']) {
      assert.equal(await page.locator(gone).locator('visible=true').count(), 0, gone);
    }
    const hidden = page.locator('td, th').locator('visible=false');
    assert.equal(await hidden.count(), 0, 'every cell of every table is printed');
    const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(back, 'rgb(255, 255, 255)', 'also from a dark screen');
    assert.deepEqual((await page.evaluate(faint)).found, []);
    const pdf = await page.pdf({ format: 'A4' });
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    assert.ok(pages > 4, `${pages} pages`);
  });
});

test('hostile texts are shown as they are and do nothing', async () => {
  await open(browser, 'hostile', DESKTOP, async page => {
    await unfold(page);
    await page.locator('#results a').first().click();
    assert.notEqual(await page.title(), 'broken');
    const counts = await page.evaluate(() => ['script', 'img', '[onerror]', '[onclick]']
      .map(selector => document.querySelectorAll(selector).length));
    assert.deepEqual(counts, [1, 0, 0, 0]);
    assert.ok((await page.locator('.reasons li').first().textContent()).startsWith('</script>'));
    assert.match(await page.locator('pre').first().textContent(), /onerror="document\.title='broken'">"'`\{\{7\*7\}\}&amp;/);
    assert.equal(await page.locator('.case').count(), 6);
  });
});

test('without scripts the page is whole: no dead buttons, and folds that open', async () => {
  await open(browser, 'sample', { ...DESKTOP, javaScriptEnabled: false }, async page => {
    assert.equal(await page.locator('button:visible, input:visible').count(), 0);
    assert.equal(await page.locator('#results tbody tr').count(), 6);
    await page.locator('#case-T004 > summary').click();
    assert.ok(await page.locator('#case-T004 .charts').isVisible());
  });
});

test('240 cases open, sort, filter and unfold', async () => {
  await open(browser, 'all', DESKTOP, async page => {
    const took = await page.evaluate(() => performance.getEntriesByType('navigation')[0].duration);
    await page.getByRole('button', { name: 'CPU of a core' }).click();
    await page.getByLabel('Find').fill('T239');
    assert.deepEqual(await ids(page), ['T239']);
    await page.getByLabel('Find').fill('');
    const start = Date.now();
    await page.getByRole('button', { name: 'Unfold all' }).click();
    await page.evaluate(() => document.body.offsetHeight);
    console.log(`240 cases: loaded in ${took.toFixed(0)} ms, unfolded in ${Date.now() - start} ms`);
    assert.equal(await page.locator('.case[open]').count(), 240);
  });
});
