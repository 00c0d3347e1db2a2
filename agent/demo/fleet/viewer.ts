import { readFileSync } from 'node:fs';
import { Agent, FormData, request } from 'undici';

export type Page = { readonly status: number; readonly body: string; readonly location: string };

/** Somebody who reads the server’s pages as a browser does: by a certificate, or by the session of a token. */
export type Viewer = {
  get(path: string): Promise<Page>;
  /** Sends a form of fields, or of one file. */
  post(path: string, form?: URLSearchParams | FormData): Promise<Page>;
  close(): Promise<void>;
};

export async function openViewer({
  url,
  caFile,
  certificate,
  token,
}: {
  url: string;
  caFile: string;
  certificate?: { readonly certFile: string; readonly keyFile: string };
  token?: string;
}): Promise<Viewer> {
  const read = (file: string) => readFileSync(file, 'utf8');
  const identity = certificate && {
    cert: read(certificate.certFile),
    key: read(certificate.keyFile),
  };
  const dispatcher = new Agent({ connect: { ca: read(caFile), ...identity } });
  let cookie = '';
  const ask = async (path: string, body?: URLSearchParams | FormData): Promise<Page> => {
    const answer = await request(`${url}${path}`, {
      ...(body === undefined ? { method: 'GET' } : { method: 'POST', body: encoded(body) }),
      headers: {
        ...{ accept: 'text/html', origin: url, cookie },
        ...(body instanceof URLSearchParams && {
          'content-type': 'application/x-www-form-urlencoded',
        }),
      },
      dispatcher,
    });
    const set = answer.headers['set-cookie'];
    if (set !== undefined) cookie = String(set).split(';')[0] ?? '';
    const { statusCode: status, headers } = answer;
    return { status, body: await answer.body.text(), location: String(headers.location ?? '') };
  };
  if (token !== undefined) {
    const { status, body } = await ask('/sign-in', new URLSearchParams({ token }));
    if (status !== 303) throw new Error(`sign-in: ${status}: ${body}`);
  }
  return {
    get: (path) => ask(path),
    post: (path, form = new URLSearchParams()) => ask(path, form),
    close: () => dispatcher.close(),
  };
}

const encoded = (body: URLSearchParams | FormData) =>
  body instanceof FormData ? body : String(body);
