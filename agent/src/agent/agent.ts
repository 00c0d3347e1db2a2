import { CHECKS } from '../checks/index.ts';
import { agentEvent } from '../core/changes.ts';
import { createPlatformVerifier, type Signer } from '../core/ed25519.ts';
import type { JournalFile } from '../effects/journal.ts';
import { ensureSigner, readSignerInForce } from '../effects/keys.ts';
import type { Log } from '../effects/log.ts';
import { monotonicMs } from '../effects/moment.ts';
import { openStore, type Store } from '../effects/store/store.ts';
import type { Draft, HostContext } from '../wire/evidence.ts';
import { FailureError } from '../wire/failure.ts';
import type { Json } from '../wire/primitives.ts';
import type { CheckState } from '../wire/verdict.ts';
import type { Config } from './config.ts';
import { readContext } from './context.ts';
import { type Counters, newCounters } from './counters.ts';
import { runCycle } from './cycle.ts';
import { openHealing } from './healing/open.ts';
import { hostsBelow } from './hosts.ts';
import { channelsOf } from './integrations/channels.ts';
import type { Look } from './look.ts';
import { recall } from './memory.ts';
import { createRecorder, type Recorder } from './recorder.ts';

export type LastCycle = {
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Milliseconds that the clock is off; null where nobody told. */
  readonly clockOffsetMs: number | null;
  readonly states: readonly CheckState[];
};

/** What `run` and `once` share: one writer, one host, one cycle at a time. */
export type Agent = {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly counters: Counters;
  readonly journal: JournalFile;
  config(): Config;
  /** Takes effect with the next cycle. */
  reconfigure(config: Config): void;
  /** One cycle; a second call while it runs gets the same one. */
  cycle(): Promise<LastCycle>;
  lastCycle(): LastCycle | null;
  /** What is true of host and configuration now. */
  context(): Promise<HostContext>;
  record(event: 'start' | 'stop' | 'reload', details: { [key: string]: Json }): Promise<void>;
  /** How the run before this one ended: `stop` where cleanly, null where there was none. */
  readonly lastEvent: string | null;
  /** No evidence is written after this. */
  close(): void;
};

export type AgentOptions = {
  readonly config: Config;
  readonly root: string;
  readonly log?: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Told of each bundle once it is durable. */
  readonly onRecorded?: (draft: Draft) => void;
  /** Milliseconds that a cycle waits for its remedies; a longer one is finished by a later cycle. */
  readonly patienceMs?: number;
  /** A remedy ended that no cycle waits for. */
  readonly onRemedyEnded?: () => void;
};

/** Takes the state folder’s lock and opens its evidence. Throws `busy` where another process writes. */
export function openAgent({
  config: first,
  root,
  log,
  onRecorded = () => {},
  patienceMs = 5000,
  onRemedyEnded = () => {},
}: AgentOptions): Agent {
  let config = first;
  let signer: Signer | undefined;
  const store = openStore({
    stateDir: config.settings.state_dir,
    queueing: config.settings.mcp_url !== undefined,
    channels: channelsOf(config.settings),
    key: (inForce) => {
      signer = signerOf(config.settings.signing_key_file, inForce);
      return signer;
    },
  });
  if (signer === undefined) throw new FailureError('internal', { where: 'agent' });
  const counters = newCounters();
  const verifier = createPlatformVerifier(signer.publicKey);
  const { memory, lastEvent } = recall(store, { checks: CHECKS.map(({ id }) => id), verifier });
  const { heal, journal } = openHealing({
    config: () => config,
    store,
    verifier,
    patienceMs,
    wake: onRemedyEnded,
    log,
  });
  const recorder = createRecorder({
    append: (draft, context) => store.append(draft, context),
    memory,
    written: (draft) => {
      counters.evidence_generated += 1;
      if (config.settings.mcp_url !== undefined) counters.evidence_queued += 1;
      log?.info({ check: draft.check, outcome: draft.outcome }, 'recorded');
      onRecorded(draft);
    },
  });

  let underway: Promise<LastCycle> | null = null;
  let last: LastCycle | null = null;
  const look = (now: Date): Look => ({
    config,
    now,
    host: hostsBelow({ root, runtimeDir: config.settings.runtime_dir }),
  });
  const cycle = async (): Promise<LastCycle> => {
    const started = monotonicMs();
    const now = new Date();
    const elapsedMs = () => Math.round(monotonicMs() - started);
    const parts = { checks: CHECKS, readContext, heal, recorder };
    const { states, context, newlyDrifted, attempted, successful } = await runCycle(
      parts,
      look(now),
      elapsedMs,
    );
    counters.loops_completed += 1;
    counters.drift_detected += newlyDrifted.length;
    counters.remediations_attempted += attempted;
    counters.remediations_successful += successful;
    const failure = recorder.failure();
    if (failure !== null) log?.error({ failure }, 'evidence cannot be written; no remedy starts');
    const unsettled = await store.settle();
    if (unsettled !== null)
      log?.error(
        { failure: unsettled },
        'evidence waits in the index for the disk to take its files',
      );
    last = {
      startedAt: now,
      durationMs: elapsedMs(),
      clockOffsetMs: context.ntp_offset_ms,
      states,
    };
    return last;
  };

  return {
    store,
    recorder,
    counters,
    journal,
    lastEvent,
    config: () => config,
    reconfigure: (next) => {
      config = next;
    },
    cycle: () => {
      underway ??= cycle().finally(() => {
        underway = null;
      });
      return underway;
    },
    lastCycle: () => last,
    context: () => readContext(look(new Date())),
    async record(event, details) {
      const at = new Date();
      await recorder.record([agentEvent({ event, details, at })], await readContext(look(at)));
    },
    close: () => store.close(),
  };
}

/** The key file’s signer. A new host makes its key on the first start; a chain that has begun must find its own. */
function signerOf(file: string, inForce: string | null): Signer {
  return inForce === null ? ensureSigner(file) : readSignerInForce(file, inForce);
}
