import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MAX_ORDER_BYTES } from '../../wire/envelope.ts';
import { Refusal } from '../refusal.ts';

/** Lets the routes of `app` take the fields of a page’s form: `request.body` is `URLSearchParams` then. */
export function takeForms(app: FastifyInstance): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4096 },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
}

/** The one file of a page’s form, as text of at most an order’s length. */
export async function uploadedText(request: FastifyRequest): Promise<string> {
  if (!request.isMultipart()) {
    throw new Refusal(415, 'not_multipart', 'Expected a file of a form.');
  }
  const limits = { fileSize: 2 * MAX_ORDER_BYTES, files: 1, parts: 1, headerPairs: 16 };
  try {
    const file = await request.file({ limits });
    if (file !== undefined) return (await file.toBuffer()).toString('utf8');
  } catch {
    // Too long, too many, cut short: it is no order in any case.
  }
  throw new Refusal(400, 'form_malformed', 'Expected one file, a signed order.', 'order');
}
