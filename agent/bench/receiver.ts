// A program: the least server that receipts bundles, so that what drains a queue is measured and not who receives.
// Arguments: a folder with ca.crt, server.crt and server.key. It keeps nothing.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { sealEnvelope } from '../src/core/envelope.ts';
import { sha256Hex } from '../src/wire/canonical.ts';
import { RECEIPT_TYPE } from '../src/wire/envelope.ts';
import { BENCH_CHAIN, BENCH_SIGNER } from './evidence-folder.ts';

const [folder = ''] = process.argv.slice(2);
const read = (name: string) => readFileSync(join(folder, name));
const tls = { ca: read('ca.crt'), cert: read('server.crt'), key: read('server.key') };
const BLANK_LINE = '\r\n\r\n';
let sequence = 0;

const server = createServer(
  { ...tls, requestCert: true, rejectUnauthorized: true },
  (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const from = body.indexOf(BLANK_LINE) + BLANK_LINE.length;
      const boundary = body.subarray(0, body.indexOf('\r\n'));
      sequence += 1;
      const receipt = sealEnvelope(
        {
          type: RECEIPT_TYPE,
          host_id: 'bench',
          chain_id: BENCH_CHAIN,
          sequence,
          bundle_sha256: sha256Hex(body.subarray(from, body.indexOf(boundary, from) - 2)),
          received_at: new Date().toISOString(),
          fork: false,
        },
        BENCH_SIGNER,
      );
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ receipt }));
    });
  },
);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
