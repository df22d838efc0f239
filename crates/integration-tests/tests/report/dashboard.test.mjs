// A run's dashboard in a real browser: `make test-browser`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openUrl, start } from './browser.mjs';
import { faint } from './contrast.mjs';

const { DASHBOARD, NARROW_DASHBOARD, UDP_DASHBOARD, SCREENSHOTS } = process.env;
if (!DASHBOARD || !NARROW_DASHBOARD || !UDP_DASHBOARD) throw new Error('run this by `make test-browser`');

const DESKTOP = { viewport: { width: 1280, height: 900 } };
const PHONES = [320, 390].map(width => ({
  viewport: { width, height: 800 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2,
}));

let browser;
before(async () => { browser = await start(); });
after(() => browser?.close());

// Waits until so many intervals are drawn.
const drawn = (page, least) => page.waitForFunction(
  count => document.querySelectorAll('#table tr').length >= count, least);
const lines = page => page.locator('figure path.line[class*=s0]')
  .evaluateAll(all => all.map(path => path.getAttribute('d')).filter(d => d !== 'M0 4H26'));
async function shot(page, name) {
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
}

test('the charts have data and move', async () => {
  await openUrl(browser, DASHBOARD, DESKTOP, async page => {
    await drawn(page, 3);
    const earlier = await lines(page);
    assert.equal(earlier.length, 4, 'rate, dropped, time in the ring, CPU');
    for (const line of earlier) assert.match(line, /^M[\d.]+ [\d.]+L/);
    assert.doesNotMatch(earlier.join(' '), /NaN|undefined|Infinity/);
    const newest = await page.locator('#table td').first().textContent();
    await page.waitForFunction(
      text => document.querySelector('#table td').textContent !== text, newest);
    const later = await lines(page);
    // That of dropped packets may lie where it lay.
    for (const place of [0, 2, 3]) assert.notEqual(later[place], earlier[place]);
    assert.equal(await page.locator('figure path.line').count(), 4 + 2 + 3, 'and the keys of three');
  });
});

test('the figures are those of the run', async () => {
  await openUrl(browser, DASHBOARD, DESKTOP, async page => {
    await drawn(page, 2);
    const text = id => page.locator(`#${id}`).textContent();
    assert.match(await text('about'), /^4 producers generating at 50 Mb\/s, 4 shards of 128 slots, /);
    assert.equal(await text('state'), 'Live.');
    const rate = parseFloat(await text('rate'));
    assert.ok(rate > 100 && rate < 300, `${rate} Mb/s of 200`);
    assert.match(await text('p99'), /^[\d.]+ (µs|ms|s)$/);
    assert.match(await text('window'), /^2,000$/);
    assert.match(await text('left'), /until it is stopped/);
    assert.ok(!await page.locator('#kernel').isVisible(), 'no datagrams, nothing for the kernel to drop');
    const fills = await page.locator('#shards .fill').evaluateAll(all => all.map(one => parseFloat(one.style.width)));
    assert.equal(fills.length, 4);
    assert.ok(fills.every(fill => fill > 0 && fill <= 100), `${fills}`);
  });
});

test('drops and full shards are shown', async () => {
  await openUrl(browser, NARROW_DASHBOARD, DESKTOP, async page => {
    await page.waitForFunction(() => document.querySelector('#dropped').classList.contains('some'));
    assert.equal(await page.locator('#shards li').count(), 64);
    await shot(page, 'narrow');
  });
});

test('what the kernel drops is shown', async () => {
  await openUrl(browser, UDP_DASHBOARD, DESKTOP, async page => {
    await page.waitForFunction(() => document.querySelector('#kernel-drops').classList.contains('some'));
    assert.match(await page.locator('#kernel').innerText(), /^Dropped by the kernel\n[1-9][\d,]*\n/);
    assert.match(await page.locator('#about').textContent(), /^\d+ producers receiving UDP/);
    await shot(page, 'udp');
  });
});

test('who does not see the charts is told what they show', async () => {
  await openUrl(browser, DASHBOARD, DESKTOP, async page => {
    await drawn(page, 2);
    const told = await page.getByRole('img').evaluateAll(all => all.map(one => one.getAttribute('aria-label')));
    assert.equal(told.length, 4);
    assert.match(told[0], /^Rate in Mb\/s: now rate [\d.]+; the scale ends at [\d.]+\.$/);
    assert.match(told[2], /p50 [\d.]+, p99 [\d.]+, p99\.9 [\d.]+;/);
    await page.locator('summary').focus();
    await page.keyboard.press('Enter');
    assert.ok(await page.locator('table').isVisible());
    assert.equal(await page.locator('#table tr').first().locator('td').count(), 8);
  });
});

for (const colorScheme of ['light', 'dark']) {
  test(`everything can be read in the ${colorScheme}`, async () => {
    await openUrl(browser, DASHBOARD, { ...DESKTOP, colorScheme }, async page => {
      await drawn(page, 2);
      await page.locator('summary').click();
      const { looked, found } = await page.evaluate(faint);
      assert.ok(looked > 60, `only ${looked} texts and lines were looked at`);
      assert.deepEqual(found, []);
      const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(/rgb\((\d+)/.exec(back)[1] > 128, colorScheme === 'light');
      await shot(page, colorScheme);
    });
  });
}

test('a phone shows it without scrolling sideways', async () => {
  for (const device of PHONES) {
    for (const url of [DASHBOARD, NARROW_DASHBOARD]) {
      await openUrl(browser, url, device, async page => {
        await page.waitForFunction(() => document.querySelectorAll('#shards li').length > 0);
        await page.locator('summary').click();
        const [room, needed] = await page.evaluate(() => [
          document.documentElement.clientWidth, document.documentElement.scrollWidth]);
        assert.ok(needed <= room, `${device.viewport.width}: ${needed} > ${room}`);
        await shot(page, `phone-${device.viewport.width}`);
      });
    }
  }
});

test('without scripts the page says where the figures are', async () => {
  await openUrl(browser, DASHBOARD, { ...DESKTOP, javaScriptEnabled: false }, async page => {
    assert.ok(await page.getByText('This page draws with a script').isVisible());
  });
});

test('when the run cannot be reached the page says so and keeps its figures', async () => {
  const context = await browser.newContext(DESKTOP);
  const page = await context.newPage();
  await page.goto(DASHBOARD);
  await drawn(page, 2);
  await context.setOffline(true);
  await page.waitForFunction(() => document.querySelector('#state').classList.contains('lost'));
  assert.match(await page.locator('#state').textContent(), /ended or cannot be reached/);
  assert.match(await page.locator('#rate').textContent(), /Mb\/s$/);
  await context.setOffline(false);
  await page.waitForFunction(() => document.querySelector('#state').textContent === 'Live.');
  await context.close();
});
