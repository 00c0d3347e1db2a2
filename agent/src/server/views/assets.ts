import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { PAGE_HEADERS } from './layout.ts';
import { VIEWER_STYLE } from './style.ts';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#25569c" d="M8 1 2 3v5c0 4 3 6 6 7 3-1 6-3 6-7V3z"/><path fill="none" stroke="#fff" stroke-width="2" d="m5 8 2 2 4-4"/></svg>`;

/** Style, icon and the modules of a folder, each read once. A browser asks whether what it has is still the same. */
export function assetRoutes(app: FastifyInstance, { modules }: { modules: string }): void {
  const names = existsSync(modules) ? readdirSync(modules) : [];
  const assets: [name: string, type: string, text: string][] = [
    ['style.css', 'text/css; charset=utf-8', VIEWER_STYLE],
    ['icon.svg', 'image/svg+xml', ICON],
    ...names.map((name): [string, string, string] => {
      return [name, 'text/javascript; charset=utf-8', readFileSync(join(modules, name), 'utf8')];
    }),
  ];
  for (const [name, type, text] of assets) {
    const etag = `"${createHash('sha256').update(text).digest('hex')}"`;
    const headers = { ...PAGE_HEADERS, 'content-type': type, 'cache-control': 'no-cache', etag };
    app.get(`/assets/${name}`, ({ headers: asked }, reply) => {
      reply.headers(headers);
      return asked['if-none-match'] === etag ? reply.code(304).send() : reply.send(text);
    });
  }
}
