import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testWith } from '../../support/suite.ts';
import {
  launchChromium,
  listening,
  READER,
  screenshot,
  viewerApp,
  viewerDatabase,
} from '../../support/viewer.ts';
import { smallFleet, someOrders } from '../../support/viewer-fleet.ts';

const CHROMIUM = { tools: ['chromium'] };
let browser: Browser | undefined;
let url = '';
const database = viewerDatabase();
const app = await viewerApp(database.store, { ...READER, role: 'operator' });

const VIEWPORT = { width: 1280, height: 800 };
type Opened = {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
};
let shared: Promise<Opened> | undefined;

/** A page, and everything that the browser complained of since: one for most tests, as each costs a process. */
async function withPage(
  body: (page: Page, complaints: string[]) => Promise<void>,
  options?: BrowserContextOptions,
): Promise<void> {
  if (browser === undefined) {
    await smallFleet(database.store, { withHistory: true });
    await someOrders(database.store);
    url = await listening(app);
    browser = await launchChromium();
  }
  if (options === undefined) shared ??= newPage(browser, {});
  const { context, page, complaints } = await (options === undefined
    ? (shared as Promise<Opened>)
    : newPage(browser, options));
  complaints.length = 0;
  try {
    await body(page, complaints);
  } finally {
    if (options !== undefined) await context.close();
    else await page.unrouteAll();
  }
}

async function newPage(from: Browser, options: BrowserContextOptions): Promise<Opened> {
  const context = await from.newContext({ baseURL: url, viewport: VIEWPORT, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { context, page, complaints };
}

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
/** Addresses of every kind of page. */
async function everyPage(): Promise<[name: string, address: string][]> {
  const bundle = await healed();
  const [stored] = (await database.store.fleetHost('front-desk', READER))?.chains ?? [];
  const { orders } = await database.store.orderPage({
    scope: READER,
    hostId: null,
    state: null,
    before: null,
    limit: 1,
  });
  return [
    ['fleet', '/fleet'],
    ['host', '/hosts/front-desk'],
    ['chain', `/hosts/front-desk/chains/${stored?.chainId}`],
    ['bundle', bundle],
    ['orders', '/orders'],
    ['order', `/orders/${orders[0]?.orderId}`],
    ['not-there', '/hosts/nobody'],
  ];
}

/** Runs in the page: what of it somebody with keyboard, screen reader or strict policy would stumble over. */
const STUMBLES = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const found = (what, elements) => elements.map((one) => what + ': ' + one.outerHTML.slice(0, 120));
  const named = (one) => (one.labels && one.labels.length > 0) || one.getAttribute('aria-label');
  const elsewhere = (one) => ['href', 'src', 'action'].some((name) => /^(\\w+:|\\/\\/)/.test(one.getAttribute(name) || ''));
  return [
    ...(document.documentElement.lang === '' ? ['no language'] : []),
    ...(all('h1').length === 1 ? [] : ['not one h1']),
    ...['main', 'body > header', 'body > footer'].filter((name) => all(name).length !== 1),
    ...found('a header of no scope', all('th:not([scope])')),
    ...found('a control without a name', all('input:not([type=hidden]), select').filter((one) => !named(one))),
    ...found('a link or button without words', all('a[href], button').filter((one) => !one.closest('svg') && one.textContent.trim() === '')),
    ...found('a drawing without words', all('svg').filter((one) => !named(one) || one.getAttribute('role') !== 'img')),
    ...found('style or script in the page', all('[style], style, script:not([src]), [onclick], [onload]')),
    ...found('an address outside', all('[href], [src], [action]').filter(elsewhere)),
  ];
})()`;

testWith(CHROMIUM, 'every page opens without a complaint, and nobody stumbles', async () => {
  await withPage(async (page, complaints) => {
    for (const [name, address] of await everyPage()) {
      await page.goto(address);
      if (name === 'bundle') await page.waitForSelector('#verification[data-state]');
      assert.equal(await page.evaluate<string[]>(STUMBLES), [], address);
      const expected = name === 'not-there' ? 1 : 0; // a browser says that a page was 404
      assert.equal(complaints.splice(0).length, expected, address);
      if (name !== 'chain') await screenshot(page, name);
    }
  });
});

for (const [what, options] of [
  ['dark', { colorScheme: 'dark' }],
  ['narrow', { viewport: { width: 390, height: 800 } }],
] as const)
  testWith(CHROMIUM, `pages ${what}`, () =>
    withPage(async (page) => {
      for (const [name, address] of (await everyPage()).filter(([name]) =>
        ['fleet', 'host', 'bundle'].includes(name),
      )) {
        await page.goto(address);
        if (name === 'bundle') await page.waitForSelector('#verification[data-state]');
        const wide = await page.evaluate<number>(
          'document.documentElement.scrollWidth - innerWidth',
        );
        assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
        const colours =
          'getComputedStyle(document.body).color + getComputedStyle(document.body).backgroundColor';
        const [ink, , , ground] = ((await page.evaluate<string>(colours)).match(/\d+/g) ?? []).map(
          Number,
        );
        assert.is((ink ?? 0) > (ground ?? 0), what === 'dark', 'light on dark, or dark on light');
        await screenshot(page, `${name}-${what}`);
      }
    }, options),
  );

testWith(CHROMIUM, 'on paper there are no forms, and every table is whole', () =>
  withPage(async (page) => {
    await page.goto(await healed());
    await page.emulateMedia({ media: 'print' });
    await page.waitForSelector('#verification[data-state]');
    for (const selector of ['nav', '.skip', 'details', '.pages', 'button'])
      assert.is(await page.locator(selector).first().isVisible(), false, selector);
    assert.is(await page.locator('.verdict').isVisible(), true);
    await screenshot(page, 'bundle-print');
    await page.emulateMedia({ media: null });
  }),
);

testWith(CHROMIUM, 'a keyboard gets to the content, the filter and a host', () =>
  withPage(async (page) => {
    await page.goto('/fleet');
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
    await page.keyboard.press('Tab');
    assert.is(await focused(), 'Skip to the content');
    const box = await page.locator('.skip').boundingBox();
    assert.ok((box?.x ?? -1) >= 0, 'it is seen while it has the focus');
    await page.keyboard.press('Enter');
    assert.is(await page.evaluate('document.activeElement.id'), 'main');
    await page.keyboard.press('Tab');
    await page.keyboard.type('front');
    await page.keyboard.press('Enter');
    await page.waitForURL(/[?&]q=front/);
    assert.is(await page.locator('tbody tr').count(), 1);
    const link = page.getByRole('link', { name: 'front-desk', exact: true });
    await link.focus();
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    assert.is(outline, 'solid', 'the focus is seen');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/hosts\/front-desk$/);
  }),
);

testWith(CHROMIUM, 'a filter is in the address, and an address is the filter', () =>
  withPage(async (page) => {
    await page.goto('/fleet');
    await page.getByLabel('Standing', { exact: true }).selectOption('drifted');
    await page.getByLabel('Control', { exact: true }).selectOption('firewall');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/standing=drifted/);
    const hosts = () => page.locator('tbody th[scope=row]').allTextContents();
    assert.equal(await hosts(), ['front-desk']);
    await page.goto(page.url());
    assert.equal(await hosts(), ['front-desk']);
    assert.is(await page.getByLabel('Standing', { exact: true }).inputValue(), 'drifted');
    assert.is(await page.getByLabel('Control', { exact: true }).inputValue(), 'firewall');
    await page.getByRole('link', { name: 'Clear' }).click();
    assert.is((await hosts()).length, 6);
  }),
);

testWith(CHROMIUM, 'a day of the heat map leads to what happened up to it', () =>
  withPage(async (page) => {
    await page.goto('/hosts/front-desk');
    await page.locator('svg.heat a').first().click();
    await page.waitForURL(/to=2026-11-1/);
    assert.ok((await page.locator('#timeline ~ table').first().locator('tbody tr').count()) < 4);
  }),
);

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
      ...{ receipt: 'failed', inclusion: 'could not', page: 'could not' },
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
    found: { receipt: 'failed', inclusion: 'could not' },
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
  }, {}),
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
