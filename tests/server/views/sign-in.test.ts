import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newToken } from '../../../agent/src/server/http/session.ts';
import { type TestAuthority, testAuthority } from '../../support/ca.ts';
import { NOW, type TestServer, testServer } from '../../support/server.ts';
import { testWith } from '../../support/suite.ts';
import { launchChromium, READER, screenshot } from '../../support/viewer.ts';

type Started = { ca: TestAuthority; server: TestServer; browser: Browser };
let started: Promise<Started> | undefined;

async function start(): Promise<Started> {
  const ca = await testAuthority();
  const [server, browser] = await Promise.all([testServer(ca), launchChromium()]);
  await server.store.addReader({ ...READER, certificate: null, now: NOW.toISOString() });
  return { ca, server, browser };
}

/** A page of the real server over TLS, for somebody without a certificate; and what the browser complained of. */
function testPage(
  name: string,
  colorScheme: 'light' | 'dark',
  body: (page: Page, server: TestServer, complaints: string[]) => Promise<void>,
): void {
  testWith({ tools: ['chromium'] }, name, async () => {
    started ??= start();
    const { server, browser } = await started;
    const options = { baseURL: server.url, ignoreHTTPSErrors: true, colorScheme };
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    try {
      await body(page, server, complaints);
    } finally {
      await context.close();
    }
  });
}

async function token({ store }: TestServer): Promise<string> {
  const { text, sha256, expiresAt } = newToken(NOW);
  await store.giveToken({ name: READER.name, sha256, expiresAt, now: NOW.toISOString() });
  return text;
}

const LOOKS = `(() => {
  const of = (selector) => getComputedStyle(document.querySelector(selector));
  const { fontFamily, color, backgroundColor } = of('body');
  return { fontFamily, color, backgroundColor, button: of('button').backgroundColor, bar: of('.top').borderBottomStyle };
})()`;

for (const scheme of ['light', 'dark'] as const)
  testPage(
    `the form looks as the pages behind it, ${scheme}`,
    scheme,
    async (page, server, complaints) => {
      await page.goto('/fleet');
      assert.match(page.url(), /\/sign-in$/);
      assert.equal(complaints, [], 'the policy lets the style in');
      const form = await page.evaluate<{ color: string; bar: string }>(LOOKS);
      assert.is(form.bar, 'solid', 'the viewer’s style is there at all');
      const [ink = 0] = form.color.match(/\d+/g)?.map(Number) ?? [];
      assert.is(ink > 127, scheme === 'dark');
      assert.is(await page.evaluate('document.activeElement.id'), 'token');
      await screenshot(page, `sign-in-${scheme}`);
      await page.getByLabel('One-time token').fill(await token(server));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(/\/fleet$/);
      assert.equal(await page.evaluate(LOOKS), form);
    },
  );

testPage('a token that is none is told so, and shown nowhere', 'light', async (page) => {
  await page.goto('/sign-in');
  await page.getByLabel('One-time token').fill('not-a-token');
  await page.keyboard.press('Enter');
  const alert = page.getByRole('alert');
  assert.match((await alert.textContent()) ?? '', /unknown, used or over/);
  assert.not.match(await page.content(), /not-a-token/);
  await screenshot(page, 'sign-in-refused');
});

test.after(async () => {
  const open = await started;
  await open?.browser.close();
  await open?.server.close();
  open?.ca.remove();
});
test.run();
