import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
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

/** A page of its own for one test, and everything that the browser complained of. */
async function withPage(
  body: (page: Page, complaints: string[]) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  if (browser === undefined) {
    await smallFleet(database.store, { withHistory: true });
    url = await listening(app);
    browser = await launchChromium();
  }
  const viewport = { width: 1280, height: 800 };
  const context = await browser.newContext({ baseURL: url, viewport, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await body(page, complaints).finally(() => context.close());
}

for (const colorScheme of ['light', 'dark'] as const)
  testWith(CHROMIUM, `the fleet opens without a complaint, ${colorScheme}`, () =>
    withPage(
      async (page, complaints) => {
        await page.goto('/');
        assert.is(new URL(page.url()).pathname, '/fleet');
        assert.is(await page.locator('tbody tr').count(), 6);
        await screenshot(page, `fleet-${colorScheme}`);
        assert.equal(complaints, []);
      },
      { colorScheme },
    ),
  );

testWith(CHROMIUM, 'a host opens without a complaint, and a day leads to its timeline', () =>
  withPage(async (page, complaints) => {
    await page.goto('/hosts/front-desk');
    await screenshot(page, 'host');
    assert.equal(complaints, []);
  }),
);

/** The bundle of the small fleet in which a firewall was healed. */
async function healed(): Promise<string> {
  const asked = {
    hostId: 'front-desk',
    check: null,
    outcome: 'success',
    until: null,
    before: null,
    limit: 1,
  };
  const [bundle] = await database.store.timeline(asked);
  return `/hosts/front-desk/bundles/${bundle?.sha256}`;
}
const findingsOf = async (page: Page): Promise<Record<string, string>> => {
  await page.waitForSelector('#verification[data-state]');
  return page.$$eval('[data-step]', (rows) =>
    Object.fromEntries(
      rows.map((row) => [row.getAttribute('data-step'), row.children[1]?.textContent?.slice(2)]),
    ),
  );
};
const ALL_VERIFIED = {
  ...{ bytes: 'verified', signature: 'verified', chain: 'verified' },
  ...{ receipt: 'verified', inclusion: 'verified', page: 'verified' },
};

testWith(CHROMIUM, 'a true bundle is verified in the browser', () =>
  withPage(async (page, complaints) => {
    await page.goto(await healed());
    assert.equal(await findingsOf(page), ALL_VERIFIED);
    assert.is(await page.locator('.verdict').textContent(), '✓ Verified in this browser.');
    await screenshot(page, 'bundle');
    assert.equal(complaints, []);
  }),
);

/** What is altered on the way to the browser, and what it finds then; all else is verified. */
const ALTERED: {
  what: string;
  file: RegExp;
  alter: (text: string) => string | null;
  found: Partial<Record<keyof typeof ALL_VERIFIED, string>>;
}[] = [
  {
    what: 'one letter of the bundle',
    file: /SHA256\/bundle\.json$/,
    alter: (text) => text.replace('"outcome":"success"', '"outcome":"failed!"'),
    found: {
      ...{ bytes: 'failed', signature: 'failed', chain: 'could not' },
      ...{ receipt: 'failed', page: 'could not' },
    },
  },
  {
    what: 'the signature',
    file: /bundle\.sig$/,
    alter: (text) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1),
    found: { signature: 'failed', chain: 'could not', page: 'could not' },
  },
  {
    what: 'the host’s key',
    file: /keys\.json$/,
    alter: (text) => text.replace(/"public_key":"../, '"public_key":"ff'),
    found: { signature: 'failed', chain: 'could not', page: 'could not' },
  },
  {
    what: 'the bundle before it',
    file: /(?!SHA256)[0-9a-f]{64}\/bundle\.json$/,
    alter: (text) => `${text} `,
    found: { chain: 'failed' },
  },
  {
    what: 'the receipt',
    file: /receipt\.json$/,
    alter: (text) => text.replace('"fork":false', '"fork":true'),
    found: { receipt: 'failed', inclusion: 'failed' },
  },
  {
    what: 'the audit path',
    file: /proof\.json$/,
    alter: (text) => text.replace(/"audit_path":\[".../, '"audit_path":["000'),
    found: { inclusion: 'failed' },
  },
  {
    what: 'the leaf’s place',
    file: /proof\.json$/,
    alter: (text) => text.replace(/"leaf_index":\d+/, '"leaf_index":0'),
    found: { inclusion: 'failed' },
  },
  {
    what: 'the page itself',
    file: /SHA256$/,
    alter: (text) =>
      text.replace('data-signed="/outcome">success', 'data-signed="/outcome">failed'),
    found: { page: 'failed' },
  },
  {
    what: 'nothing, but the bundle before it is gone',
    file: /(?!SHA256)[0-9a-f]{64}\/bundle\.json$/,
    alter: () => null,
    found: { chain: 'could not' },
  },
  {
    what: 'nothing, but there is no proof',
    file: /proof\.json$/,
    alter: () => null,
    found: { inclusion: 'could not' },
  },
];

for (const { what, file, alter, found } of ALTERED)
  testWith(CHROMIUM, `altered on the way: ${what}`, () =>
    withPage(async (page) => {
      const address = await healed();
      const pattern = new RegExp(file.source.replace('SHA256', address.slice(-64)));
      let altered = 0;
      await page.route(
        ({ pathname }) => pattern.test(pathname),
        async (route) => {
          const answer = await route.fetch();
          const text = await answer.text();
          const body = alter(text);
          altered += body === text ? 0 : 1;
          await route.fulfill(body === null ? { status: 404 } : { response: answer, body });
        },
      );
      await page.goto(address);
      assert.equal(await findingsOf(page), { ...ALL_VERIFIED, ...found });
      assert.is(altered, 1, 'it was altered at all');
      const verdict = (await page.locator('.verdict').textContent()) ?? '';
      const fails = Object.values(found).includes('failed');
      assert.match(verdict, fails ? /^✕ Failed: / : /^\? Could not check: /);
      if (what === 'one letter of the bundle') await screenshot(page, 'bundle-altered');
    }),
  );

testWith(CHROMIUM, 'a browser without Ed25519 of its own verifies by the bundled one', () =>
  withPage(async (page) => {
    await page.addInitScript(() => {
      crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'));
    });
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    await page.goto(await healed());
    assert.equal(await findingsOf(page), ALL_VERIFIED);
    assert.ok(loaded.some((address) => address.includes('/assets/chunk-')));
  }),
);

testWith(CHROMIUM, 'a browser without script is told so, and reads the page all the same', () =>
  withPage(
    async (page) => {
      await page.goto(await healed());
      assert.match((await page.locator('.verdict').textContent()) ?? '', /^Not verified/);
      assert.ok((await page.locator('tbody tr').count()) > 20);
    },
    { javaScriptEnabled: false },
  ),
);

test.after(async () => {
  await browser?.close();
  await app.close();
  await database.remove();
});
test.run();
