import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MAX_ORDER_BYTES } from '../../wire/envelope.ts';
import { Refusal } from '../refusal.ts';
import { splitForm } from './multipart.ts';

/** Lets the routes of `app` take the fields of a page’s form: `request.body` is `URLSearchParams` then. */
export function takeForms(app: FastifyInstance): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4096 },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
}

/** Lets the routes of `app` take a file, as `uploadedText` reads it. */
export function takeFiles(app: FastifyInstance): void {
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}

/** The one file of a page’s form, as text of at most twice an order’s length. */
export function uploadedText({ body, headers }: FastifyRequest): string {
  if (!Buffer.isBuffer(body)) {
    throw new Refusal(415, 'not_multipart', 'Expected a file of a form.');
  }
  const [file, ...more] = splitForm(body, headers['content-type'] ?? '') ?? [];
  if (file !== undefined && more.length === 0 && file.contents.length <= 2 * MAX_ORDER_BYTES) {
    return file.contents.toString('utf8');
  }
  throw new Refusal(400, 'form_malformed', 'Expected one file, a signed order.', 'order');
}
