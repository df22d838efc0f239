// Chromium with a page in it: of the report, or a run's dashboard.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

// Without a network of its own: each of these would ask for one.
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const start = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: quiet,
});

// Opens a page of the report, which `make test-report` has written.
export function open(browser, name, options, look) {
  const folder = process.env.REPORT_PAGES;
  if (!folder) throw new Error('run this by `make test-report`: REPORT_PAGES names the pages');
  return openUrl(browser, pathToFileURL(join(folder, `${name}.html`)).href, options, look);
}

// Opens a page in a context of its own, gives it to `look`, and fails if it complained or asked
// for anything but itself.
export async function openUrl(browser, url, options, look) {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const wrong = [];
    page.on('console', message => {
      if (message.type() !== 'log') wrong.push(`console ${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', error => wrong.push(`error: ${error.message}`));
    page.on('request', request => {
      const own = request.url().startsWith(url) || /^(data|about|blob):/.test(request.url());
      if (!own) wrong.push(`asked for ${request.url()}`);
    });
    await page.goto(url);
    await look(page);
    if (wrong.length) throw new Error(wrong.join('\n'));
  } finally {
    await context.close();
  }
}
