import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { html, raw } from '../../core/report/page/markup.ts';
import { PAGE_HEADERS } from '../views/layout.ts';
import { VIEWER_STYLE } from '../views/style.ts';

/** The viewer’s, within the page: before somebody is signed in there is nothing else to ask for. */
const STYLE = `${VIEWER_STYLE}
.sign-in { max-width: 440px; margin: 9vh auto 0; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 22px 28px; }
.sign-in h1 { margin: 0 0 14px; } .sign-in label { display: block; font-weight: 600; margin-bottom: 4px; }
.sign-in input { width: 100%; box-sizing: border-box; padding: 6px 9px; } .sign-in button { padding: 5px 18px; margin-top: 12px; }
.sign-in .alarms { margin: 0 0 14px; }
`;
const STYLE_DIGEST = createHash('sha256').update(STYLE).digest('base64');

/** As strict as the viewer’s pages: it holds no script and nothing of what was sent, and takes its form nowhere else. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_DIGEST}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function signInPage(reply: FastifyReply, { refused }: { refused: boolean }): FastifyReply {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in · Compliance evidence</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header class="top"><p class="name">Compliance evidence</p></header>
<main class="sign-in">
<h1>Sign in</h1>
${refused && html`<p class="alarms" role="alert">This token is unknown, used or over. Ask for another.</p>`}
<form method="post" action="/sign-in">
<label for="token">One-time token</label>
<input id="token" name="token" type="password" autocomplete="off" required autofocus>
<button>Sign in</button>
</form>
<p class="lead">An administrator of the server prints one with <code>compliance-server readers token NAME</code>.
Readers with a certificate of their own need none.</p>
</main>
</body>
</html>
`;
  const headers = { ...PAGE_HEADERS, 'content-security-policy': POLICY };
  return reply.headers(headers).send(page.html);
}
