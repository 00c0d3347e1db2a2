import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../../demo/certificates.ts';
import { tableText } from '../../src/terminal/table.ts';
import { WORK } from '../programs.ts';
import { measureBacklog } from './backlog.ts';
import { measureConnections } from './connections.ts';
import { measureIdle } from './idle.ts';
import { readOptions } from './options.ts';
import { SERVERS, subjectsOf } from './subjects.ts';
import { backlogTable, connectionsTable, idleTable, type Rows, throughputTable } from './tables.ts';
import { measureThroughput } from './throughput.ts';

/**
 * Loads the server with signed bundles over mTLS and says what they cost it, beside the machine’s floor in turns:
 * `npm --prefix agent run load [-- WHAT…] [--clients=64] [--bundles=100] [--rounds=3] [--seed=1] [--profile=DIR] [--json]`.
 * WHAT is a stage of the floor or a kind of store; or `connections` (kept, resumed and new ones), `backlog`
 * (`--count=100000` bundles of `--hosts=4`), `idle` (`--count=10000` connections).
 */
const options = readOptions(process.argv.slice(2));
const [what = ''] = options.subjects;
const folder = mkdtempSync(join(WORK, 'load-'));
const context = { folder, authority: await createAuthority({ name: 'Load authority' }), options };
try {
  if (what === 'connections') show(await measureConnections(context), connectionsTable);
  else if (what === 'idle') show(await measureIdle(context), idleTable);
  else if (what === 'backlog') {
    const wanted = options.subjects.slice(1);
    const servers = SERVERS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
    const drained = [];
    for (const server of servers) drained.push(await measureBacklog(server, context));
    show(drained, backlogTable);
  } else show(await measureThroughput(subjectsOf(options.subjects), context), throughputTable);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function show<T>(result: T, table: (result: T) => Rows): void {
  const [head, ...rows] = table(result);
  if (options.json) console.log(JSON.stringify({ options, result }, null, 2));
  else console.log(tableText(head, rows));
}
