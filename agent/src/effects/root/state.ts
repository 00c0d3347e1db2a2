import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addEvent, freshRootState } from '../../core/root-state.ts';
import { canonicalBytes } from '../../wire/canonical.ts';
import { type Json, StorePath } from '../../wire/primitives.ts';
import { type RootEvent, RootState } from '../../wire/root-state.ts';
import { replaceDurably, syncFolder } from '../durable.ts';
import { takeRootLock } from './lock.ts';
import { highestResult } from './results.ts';

const FILE = 'state.json';
/** One store path and a newline, for whoever needs to know without parsing anything. */
const ACCEPTED = 'accepted-generation';
/** Milliseconds to wait for another process that is changing the state. */
const PATIENCE = 10_000;

export const stateFile = (folder: string): string => join(folder, FILE);

/** The state as anybody may read it; null where there is none, or none that can be understood. */
export function readRootState(folder: string): RootState | null {
  try {
    return RootState.parse(JSON.parse(readFileSync(stateFile(folder), 'utf8')));
  } catch {
    return null;
  }
}

/** Store path of the accepted generation; null where none was accepted yet. */
export function readAcceptedGeneration(folder: string): string | null {
  try {
    return StorePath.parse(readFileSync(join(folder, ACCEPTED), 'utf8').trim());
  } catch {
    return null;
  }
}

/**
 * Changes the state under its lock: read, change, write durably; gives the second of what `change` gives. A state that is missing or cannot be understood is
 * made anew with the present time, so that orders issued before are refused; the old file is set apart.
 */
export function changeRootState<T = undefined>(
  folder: string,
  now: Date,
  change: (state: RootState) => readonly [RootState, T],
): T {
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    syncFolder(dirname(folder));
  }
  const lock = takeRootLock(folder, 'state', PATIENCE);
  try {
    const before = readRootState(folder) ?? remake(folder, now);
    const [after, value] = change(before);
    replaceDurably(join(folder, FILE), canonicalBytes(after as Json), 0o644);
    return value;
  } finally {
    lock.release();
  }
}

function remake(folder: string, now: Date): RootState {
  const file = join(folder, FILE);
  if (existsSync(file)) renameSync(file, `${file}.unreadable`);
  return freshRootState({ now, lastNumber: highestResult(folder) });
}

type By = Extract<RootEvent, { kind: 'acceptance' }>['by'];

/** Makes a store path the accepted generation, and notes it as an event that is due for evidence. */
export function acceptGeneration(
  folder: string,
  {
    generation,
    by,
    orderId,
    now,
  }: { generation: string; by: By; orderId: string | null; now: Date },
): void {
  changeRootState(folder, now, (state) => {
    const previous = readAcceptedGeneration(folder);
    replaceDurably(join(folder, ACCEPTED), `${generation}\n`, 0o644);
    const event = { kind: 'acceptance', at: now.toISOString(), by, generation, previous } as const;
    return [addEvent(state, { ...event, order_id: orderId }), undefined];
  });
}
