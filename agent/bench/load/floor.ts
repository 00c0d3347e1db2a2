// A program: the least that a server on this machine can do for a bundle, one stage on top of the other. Arguments: the
// stage, a folder with ca.crt, server.crt, server.key and host-keys.json, where the database may be, and for `copy` the
// folder of PostgreSQL’s socket.
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import Database from 'better-sqlite3';
import postgres from 'postgres';
import { FLOOR_STAGES, type FloorStage } from './subjects.ts';

const [stage = 'echo', folder = '', postgresql = ''] = process.argv.slice(2);
const upTo = (wanted: FloorStage) =>
  FLOOR_STAGES.indexOf(stage as FloorStage) >= FLOOR_STAGES.indexOf(wanted);
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

const keys = new Map<string, KeyObject>();
for (const [hostId, spki] of Object.entries<string>(JSON.parse(read('host-keys.json')))) {
  keys.set(hostId, createPublicKey(spki));
}

type Row = { host: string; bytes: Buffer; done: () => void };
let waiting: Row[] = [];
let busy = false;
const commitRows = stage === 'copy' ? await toPostgresql() : toSqlite();
/** All that came while a group was under way is the next. */
async function work(): Promise<void> {
  while (waiting.length > 0) {
    const rows = waiting;
    waiting = [];
    await commitRows(rows);
    for (const { done } of rows) done();
  }
  busy = false;
}
function store(row: Row): void {
  waiting.push(row);
  if (busy) return;
  busy = true;
  setImmediate(work);
}

function toSqlite(): (rows: Row[]) => void {
  const database = new Database(join(folder, 'floor.db'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE bundles (id INTEGER PRIMARY KEY, host TEXT, bytes BLOB)');
  const insert = database.prepare('INSERT INTO bundles (host, bytes) VALUES (?, ?)');
  const commit = database.transaction((rows: Row[]) => {
    for (const { host, bytes } of rows) insert.run(host, bytes);
  });
  return (rows) => commit.immediate(rows);
}

async function toPostgresql(): Promise<(rows: Row[]) => Promise<void>> {
  const sql = postgres({ host: postgresql, user: 'postgres', database: 'load', max: 1 });
  await sql`CREATE TABLE bundles (id bigserial, host text, bytes bytea)`;
  return async (rows) => {
    const copy = await sql`COPY bundles (host, bytes) FROM STDIN`.writable();
    copy.end(rows.map(({ host, bytes }) => `${host}\t\\\\x${bytes.toString('hex')}\n`).join(''));
    await finished(copy);
  };
}

const server = createServer(
  {
    ca: read('ca.crt'),
    cert: read('server.crt'),
    key: read('server.key'),
    requestCert: true,
    rejectUnauthorized: true,
  },
  (request, response) => {
    const host = String((request.socket as TLSSocket).getPeerCertificate().subject.CN);
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const done = () => response.writeHead(201, { 'content-length': 2 }).end('{}');
      if (!upTo('multipart')) return done();
      const [bytes = Buffer.alloc(0), signature = ''] = split(body);
      if (!upTo('verify')) return done();
      const key = keys.get(host);
      if (!key || !verify(null, bytes, key, Buffer.from(String(signature), 'base64'))) {
        return response.writeHead(422).end();
      }
      if (!upTo('commit')) return done();
      store({ host, bytes, done });
    });
  },
);
server.listen(0, '127.0.0.1', () => {
  console.log(`listening at https://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => process.exit(0));

/** The parts of a form, for a body that is known to be well formed: no parser can do less. */
function split(body: Buffer): Buffer[] {
  const boundary = body.subarray(0, body.indexOf('\r\n'));
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const start = body.indexOf('\r\n\r\n', at);
    const end = start < 0 ? -1 : body.indexOf(boundary, start);
    if (end < 0) return parts;
    parts.push(body.subarray(start + 4, end - 2));
    at = end;
  }
}
