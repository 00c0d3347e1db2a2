import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { EMPTY_JOURNAL, Journal } from '../core/journal.ts';
import { canonicalBytes } from '../wire/canonical.ts';
import { toFailure } from '../wire/failure.ts';
import type { Json } from '../wire/primitives.ts';
import { replaceDurably } from './durable.ts';

export type JournalFile = {
  current(): Journal;
  /** Changes it and waits until the change is on the disk. False where it cannot be written: then nothing has changed. */
  change(by: (journal: Journal) => Journal): boolean;
};

/**
 * The remediation journal of a state folder, whose lock the caller holds. One that cannot be understood is set apart
 * and begun anew: what it said of remedies is then taken from root’s results.
 */
export function openJournal(stateDir: string): JournalFile {
  const file = join(stateDir, 'journal.json');
  let journal = read(file);
  return {
    current: () => journal,
    change(by) {
      const next = by(journal);
      if (next === journal) return true;
      try {
        replaceDurably(file, canonicalBytes(next as Json), 0o600);
      } catch (error) {
        // A full or read-only disk is said by the evidence that cannot be written either; any other is a defect.
        if (toFailure(error, 'journal').code === 'internal') throw error;
        return false;
      }
      journal = next;
      return true;
    },
  };
}

/** Only to look, as `orders list` does beside a running daemon. */
export function readJournal(stateDir: string): Journal {
  const file = join(stateDir, 'journal.json');
  return (existsSync(file) && parse(file)) || EMPTY_JOURNAL;
}

function read(file: string): Journal {
  if (!existsSync(file)) return EMPTY_JOURNAL;
  const journal = parse(file);
  if (journal !== null) return journal;
  renameSync(file, `${file}.unreadable`);
  return EMPTY_JOURNAL;
}

function parse(file: string): Journal | null {
  try {
    return Journal.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
