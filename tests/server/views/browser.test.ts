import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testWith } from '../../support/suite.ts';
import {
  launchChromium,
  listening,
  screenshot,
  viewerApp,
  viewerDatabase,
} from '../../support/viewer.ts';
import { smallFleet } from '../../support/viewer-fleet.ts';

const CHROMIUM = { tools: ['chromium'] };
let browser: Browser | undefined;
let url = '';
const database = viewerDatabase();
const app = await viewerApp(database.store);

/** A page of the viewer, and everything that the browser complained of. */
async function open(
  address: string,
  options: { dark?: boolean } = {},
): Promise<{ page: Page; complaints: string[] }> {
  if (browser === undefined) {
    await smallFleet(database.store);
    url = await listening(app);
    browser = await launchChromium();
  }
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: options.dark ? 'dark' : 'light',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url + address);
  return { page, complaints };
}

testWith(CHROMIUM, 'the fleet opens without a complaint, light and dark', async () => {
  for (const dark of [false, true]) {
    const { page, complaints } = await open('/', { dark });
    assert.is(new URL(page.url()).pathname, '/fleet');
    assert.is(await page.locator('tbody tr').count(), 6);
    await screenshot(page, dark ? 'fleet-dark' : 'fleet');
    assert.equal(complaints, []);
  }
});

test.after(async () => {
  await browser?.close();
  await app.close();
  await database.remove();
});
test.run();
