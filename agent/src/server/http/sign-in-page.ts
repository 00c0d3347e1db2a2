import type { FastifyReply } from 'fastify';

/** Holds no script and nothing of what was sent, and takes its form nowhere else. */
const POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

export function signInPage(reply: FastifyReply, { refused }: { refused: boolean }): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', POLICY)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'same-origin')
    .send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Sign in · Compliance evidence</title>
<main>
<h1>Compliance evidence</h1>
${refused ? '<p role="alert">This token is unknown, used or over. Ask for another.</p>' : ''}
<form method="post" action="/sign-in">
<p><label for="token">One-time token</label></p>
<p><input id="token" name="token" type="password" autocomplete="off" required autofocus size="44"></p>
<p><button>Sign in</button></p>
</form>
<p>An administrator of the server prints one with <code>compliance-server readers token NAME</code>.
Readers with a certificate of their own need none.</p>
</main>
</html>
`);
}
