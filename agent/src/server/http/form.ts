import type { FastifyRequest } from 'fastify';
import { MAX_BUNDLE_BYTES } from '../../wire/evidence.ts';
import { Refusal } from '../refusal.ts';
import { splitForm } from './multipart.ts';

/** Boundaries and part headers come on top of bundle and signature. */
export const MAX_FORM_BYTES = MAX_BUNDLE_BYTES + 16 * 1024;

const WANTED = ['bundle', 'signature'];

/** A stated length bounds what is read at all; throws 411 where there is none. */
export function needLength({ headers }: FastifyRequest): void {
  if (headers['content-length'] === undefined) {
    throw new Refusal(411, 'length_required', 'Expected a Content-Length.');
  }
}

/** The two parts of `POST /api/evidence` as exact bytes, whatever type or file name they claim. */
export function readEvidenceForm({ body, headers }: FastifyRequest): {
  bytes: Uint8Array;
  signature: string;
} {
  if (!Buffer.isBuffer(body)) {
    throw new Refusal(415, 'not_multipart', 'Expected multipart/form-data.');
  }
  const parts = splitForm(body, headers['content-type'] ?? '');
  if (parts === null) {
    throw new Refusal(400, 'form_malformed', 'The multipart form is malformed or cut short.');
  }
  if (parts.length > WANTED.length) {
    throw new Refusal(400, 'too_many_parts', 'Expected the parts bundle and signature only.');
  }
  const found = new Map<string, Buffer>();
  for (const { name, contents } of parts) {
    if (!WANTED.includes(name)) {
      throw new Refusal(400, 'unknown_part', 'Expected the parts bundle and signature.', name);
    }
    if (found.has(name)) throw new Refusal(400, 'part_twice', `Expected one part ${name}.`, name);
    found.set(name, contents);
  }
  return { bytes: need(found, 'bundle'), signature: need(found, 'signature').toString('latin1') };
}

function need(parts: Map<string, Buffer>, name: string): Buffer {
  const contents = parts.get(name);
  if (contents === undefined) {
    throw new Refusal(400, 'part_missing', `Expected a part ${name}.`, name);
  }
  if (contents.length <= MAX_BUNDLE_BYTES) return contents;
  throw new Refusal(413, 'too_large', `Expected at most ${MAX_BUNDLE_BYTES} bytes.`, name);
}
