import type { FastifyRequest } from 'fastify';
import { MAX_BUNDLE_BYTES } from '../../wire/evidence.ts';
import { Refusal } from '../refusal.ts';

/** Boundaries and part headers come on top of bundle and signature. */
export const MAX_FORM_BYTES = MAX_BUNDLE_BYTES + 16 * 1024;

/** Reads the two parts of `POST /api/evidence` as exact bytes, whatever type or file name they claim. */
export async function readEvidenceForm(
  request: FastifyRequest,
): Promise<{ bytes: Uint8Array; signature: string }> {
  checkLength(request);
  if (!request.isMultipart()) {
    throw new Refusal(415, 'not_multipart', 'Expected multipart/form-data.');
  }
  const parts = new Map<string, Buffer>();
  try {
    const limits = { fileSize: MAX_BUNDLE_BYTES, files: 2, parts: 2, headerPairs: 16 };
    for await (const part of request.parts({ limits, isPartAFile: () => true })) {
      if (part.type !== 'file') continue; // never: every part is read as a file, so that none is parsed
      const name = String(part.fieldname);
      const contents = await part.toBuffer();
      if (name !== 'bundle' && name !== 'signature') {
        throw new Refusal(400, 'unknown_part', 'Expected the parts bundle and signature.', name);
      }
      if (parts.has(name)) throw new Refusal(400, 'part_twice', `Expected one part ${name}.`, name);
      parts.set(name, contents);
    }
  } catch (error) {
    throw formRefusal(error);
  }
  return { bytes: need(parts, 'bundle'), signature: need(parts, 'signature').toString('latin1') };
}

/** A stated length is what bounds everything before, between and after the parts. */
function checkLength(request: FastifyRequest): void {
  const stated = request.headers['content-length'];
  if (stated === undefined) {
    throw new Refusal(411, 'length_required', 'Expected a Content-Length.');
  }
  if (Number(stated) > MAX_FORM_BYTES) {
    throw new Refusal(413, 'too_large', `Expected at most ${MAX_FORM_BYTES} bytes.`);
  }
}

function need(parts: Map<string, Buffer>, name: string): Buffer {
  const contents = parts.get(name);
  if (contents !== undefined) return contents;
  throw new Refusal(400, 'part_missing', `Expected a part ${name}.`, name);
}

/** Every complaint of the multipart parser is about the form; it gives none a status of our own. */
function formRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_REQ_FILE_TOO_LARGE') {
    return new Refusal(413, 'too_large', `Expected at most ${MAX_BUNDLE_BYTES} bytes.`, 'bundle');
  }
  if (code === 'FST_PARTS_LIMIT' || code === 'FST_FILES_LIMIT') {
    return new Refusal(400, 'too_many_parts', 'Expected the parts bundle and signature only.');
  }
  return new Refusal(400, 'form_malformed', 'The multipart form is malformed or cut short.');
}
