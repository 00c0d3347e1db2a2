import { hostname } from 'node:os';
import { askControl } from '../../../effects/control/ask.ts';
import { EXIT } from '../../../terminal/exit.ts';
import { FailureError } from '../../../wire/failure.ts';
import { controlSocket } from '../../control/socket-path.ts';
import { completeSettings, type Effective } from '../../effective.ts';
import { Status } from '../../status.ts';
import type { ConfigOption } from '../options.ts';
import { settingsOf } from '../state.ts';

/** Asks the daemon; where none runs, says so with what the state folder itself tells. Exit 3, as `systemctl status`. */
export async function status({
  config: file,
  json = false,
}: ConfigOption & { json?: boolean }): Promise<void> {
  const { settings } = completeSettings(await settingsOf({ config: file }), hostname());
  const found = (await askDaemon(settings)) ?? (await stopped(settings));
  if (json) console.log(JSON.stringify(found, null, 2));
  else {
    const [{ statusText }, { inColour }] = await Promise.all([
      import('../../status-text.ts'),
      import('../../../terminal/colour.ts'),
    ]);
    console.log(statusText(found, { now: new Date(), inColour }));
  }
  process.exitCode = found.daemon === null ? EXIT.stopped : EXIT.ok;
}

/** Null where no daemon listens. */
async function askDaemon(settings: Effective): Promise<Status | null> {
  const path = controlSocket(settings.state_dir);
  try {
    return Status.parse(await askControl({ path, request: { verb: 'status' } }));
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'unreachable') return null;
    throw error;
  }
}

async function stopped(settings: Effective): Promise<Status> {
  return {
    host_id: settings.host_id,
    site_id: settings.site_id,
    daemon: null,
    evidence: await headOf(settings.state_dir),
    server: {
      url: settings.mcp_url ?? null,
      state: settings.mcp_url === undefined ? 'none' : 'not asked yet',
      failure: null,
      certificate: null,
    },
    notices: null,
    queue: null,
  };
}

async function headOf(stateDir: string): Promise<Status['evidence']> {
  const { hasStore, openReader } = await import('../../../effects/store/store.ts');
  if (!hasStore(stateDir)) return null;
  const reader = openReader({ stateDir });
  const head = reader.head();
  reader.close();
  return head && { chain_id: head.chain_id, sequence: head.sequence, digest: head.digest };
}
