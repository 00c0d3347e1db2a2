import { mkdirSync } from 'node:fs';
import { uptime } from 'node:os';
import { readableSection } from '../../../core/ruleset/read-section.ts';
import { readClockOffset } from '../../../effects/clock-offset.ts';
import { restoreFirewall } from '../../../effects/firewall/restore.ts';
import { createHands } from '../../../effects/hands.ts';
import { askProbe } from '../../../effects/host/probe-socket.ts';
import { readPublicKeys } from '../../../effects/keys.ts';
import { sendCanary } from '../../../effects/probes/canary.ts';
import { REMEDIES } from '../../../remedies/index.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { FailureError } from '../../../wire/failure.ts';
import { REMEDY_SOCKETS } from '../../../wire/remedy.ts';
import { loadConfig } from '../../config.ts';
import { hostsBelow } from '../../hosts.ts';
import { runRemedy } from '../../remedy/run.ts';
import { readOrder } from './read-order.ts';

/** Seconds; the longest, a backup, has its own limit of 11 hours. */
const LIMIT = 12 * 3600;
const CANARY_WAIT_MS = 15_000;

/** Writes one document to standard output, which is the socket. A remedy’s failure is a document too. */
export async function answerRemedy(
  name: string,
  { config: file, root }: { config?: string; root: string },
): Promise<void> {
  const remedy = REMEDIES.find(({ id }) => id === name);
  if (remedy === undefined)
    throw new Exit(EXIT.usage, `no remedy ${name}: expected one of ${REMEDY_SOCKETS.join(', ')}`);
  process.umask(0o022); // results and state are for anybody to read
  process.stdout.on('error', () => {}); // EPIPE: whoever asked has gone; the result is written down
  const order = await readOrder(process.stdin);
  const config = await loadConfig({ file, env: process.env, now: new Date() });
  const { settings, baseline } = config;
  const { runtime_dir: runtimeDir } = settings;
  const signal = AbortSignal.timeout(LIMIT * 1000);
  const host = hostsBelow({ root, runtimeDir })(signal);
  mkdirSync(settings.root_state_dir, { recursive: true, mode: 0o755 });

  const answer = await runRemedy({
    remedy,
    order,
    config,
    orderKeys:
      settings.order_keys_file === undefined ? [] : readPublicKeys(settings.order_keys_file),
    bootedAt: new Date(Date.now() - uptime() * 1000),
    clock: () => new Date(),
    readOffset: () => readClockOffset(host),
    makeHands: (notes) =>
      createHands({
        ...notes,
        root,
        host,
        signal,
        restoreFirewall: () =>
          restoreFirewall({
            section: readableSection(baseline.checks['firewall']),
            askReference: () => askProbe('firewall-reference', { runtimeDir, signal }),
            signal,
          }),
        async writeCanary() {
          const { latency_ms } = await sendCanary({ host, waitMs: CANARY_WAIT_MS, signal });
          if (latency_ms === null) throw new FailureError('unhealthy', { reason: 'canary lost' });
        },
      }),
  });
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
