import { randomUUID } from 'node:crypto';
import { CHECKS } from '../../checks/index.ts';
import type { Verifier } from '../../core/ed25519.ts';
import { noteRecorded } from '../../core/journal.ts';
import { openBundle } from '../../core/record.ts';
import { type JournalFile, openJournal } from '../../effects/journal.ts';
import type { Log } from '../../effects/log.ts';
import { askRemedy } from '../../effects/remedy-socket.ts';
import { readResults, resultsFolder } from '../../effects/root/results.ts';
import { readRootState, stateFile } from '../../effects/root/state.ts';
import { whileUnchanged } from '../../effects/root/unchanged.ts';
import type { Reader } from '../../effects/store/reader.ts';
import type { Bundle } from '../../wire/evidence.ts';
import type { Config } from '../config.ts';
import type { Healer } from '../healing.ts';
import { eventNumber, expiredRequest, resultNumber } from './draft.ts';
import { createHealer } from './healer.ts';

/** Of each kind so many of the newest bundles tell what is recorded, where the journal was cut off before it could. */
const NEWEST = 32;

export type HealingOptions = {
  readonly config: () => Config;
  readonly store: Pick<Reader, 'list' | 'files'>;
  readonly verifier: Verifier;
  readonly patienceMs: number;
  readonly wake: () => void;
  readonly log?: Pick<Log, 'info' | 'warn'> | undefined;
};

/** The healer of this machine: real sockets, root’s real results, the journal of the state folder. */
export function openHealing({ config, store, verifier, patienceMs, wake, log }: HealingOptions): {
  heal: Healer;
  journal: JournalFile;
} {
  const settings = () => config().settings;
  const journal = openJournal(settings().state_dir);
  const root = () => settings().root_state_dir;
  // Each is asked for several times a cycle, and a host that was healed often has hundreds of results.
  const results = whileUnchanged(
    () => resultsFolder(root()),
    () => readResults(root()),
  );
  const rootState = whileUnchanged(
    () => stateFile(root()),
    () => readRootState(root()),
  );

  const known = new Set(journal.current().recorded);
  const numbers = [...results(), ...(rootState()?.events ?? [])].map(({ number }) => number);
  if (numbers.some((number) => !known.has(number))) {
    const found = recordedNumbers(store, verifier);
    journal.change((before) => noteRecorded(before, found));
  }
  if (journal.current().orders.some(({ state }) => state === 'expired')) {
    const told = new Set(newest(store, verifier, ['order']).map(expiredRequest));
    journal.change((before) => ({
      ...before,
      orders: before.orders.filter(
        ({ state, request_id }) => state !== 'expired' || !told.has(request_id),
      ),
    }));
  }
  const [last] = store.list({ limit: 1 }).bundles;
  const heal = createHealer({
    journal,
    settings,
    checks: CHECKS,
    readResults: results,
    readRootState: rootState,
    ask: (remedy, order) => askRemedy(remedy, { runtimeDir: settings().runtime_dir, order }),
    patienceMs,
    wake,
    newId: randomUUID,
    lastSeen: last === undefined ? null : new Date(last.ended_at),
    log,
  });
  return { heal, journal };
}

/** Which of root’s numbers the newest evidence speaks of: the evidence itself is the memory. */
function recordedNumbers(store: HealingOptions['store'], verifier: Verifier): number[] {
  const kinds = [...CHECKS.map(({ id }) => id), 'freeze', 'acceptance'];
  return newest(store, verifier, kinds).flatMap(
    (bundle) => resultNumber(bundle) ?? eventNumber(bundle) ?? [],
  );
}

function newest(
  store: HealingOptions['store'],
  verifier: Verifier,
  kinds: readonly string[],
): Bundle[] {
  return kinds.flatMap((check) =>
    store.list({ check, limit: NEWEST }).bundles.flatMap((row) => {
      const { bytes, signature } = store.files(row);
      const opened = openBundle({ bytes, signature, verifiers: [verifier] });
      return opened.ok ? opened.bundle : [];
    }),
  );
}
