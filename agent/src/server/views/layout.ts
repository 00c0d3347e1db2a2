import { type Content, html, type Markup } from '../../core/report/page/markup.ts';
import { VERSION } from '../../version.ts';
import type { Reader } from '../store/store.ts';

/** Nothing of a page runs, loads or goes anywhere but here, and nothing in it is script or style by itself. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

const PLACES = [
  ['/fleet', 'Fleet'],
  ['/orders', 'Orders'],
] as const;

/** A whole page. `place` is that of the navigation; `scripts` are names of our own modules. */
export function layout({
  title,
  reader,
  place,
  body,
  scripts = [],
}: {
  title: string;
  /** Null on a page that says why somebody may not read. */
  reader: Pick<Reader, 'name' | 'role'> | null;
  place: '/fleet' | '/orders' | null;
  body: Content;
  scripts?: readonly string[];
}): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Compliance evidence</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/style.css">
${scripts.map((name) => html`<script type="module" src="/assets/${name}"></script>\n`)}</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<p class="name">Compliance evidence</p>
${reader && navigation(reader, place)}
</header>
<main id="main" tabindex="-1">
${body}
</main>
<footer>compliance-server ${VERSION}. All times are UTC. What is signed is bytes: every bundle’s page checks them in your own browser.</footer>
</body>
</html>
`.html;
}

function navigation({ name, role }: Pick<Reader, 'name' | 'role'>, place: string | null): Markup {
  const links = PLACES.map(
    ([address, words]) =>
      html`<li><a href="${address}"${address === place && html` aria-current="page"`}>${words}</a></li>`,
  );
  return html`<nav aria-label="Main"><ul>${links}</ul></nav>
<form class="who" method="post" action="/sign-out"><span>${name}, ${role}</span> <button>Sign out</button></form>`;
}
