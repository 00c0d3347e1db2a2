import { canonicalBytes } from '../../wire/canonical-json.ts';
import { FailureError, toFailure } from '../../wire/failure.ts';
import type { Json } from '../../wire/primitives.ts';
import {
  MAX_PROBE_BYTES,
  PROBE_TYPE,
  type ProbeDocument,
  type ProbeName,
} from '../../wire/probe.ts';
import { PROBE_PROGRAMS } from './index.ts';

/** Seconds that a probe may take; its unit’s own limit lies above. */
const TIME_LIMIT = 60;

/**
 * The bytes that a probe writes to its socket: one document, canonical JSON and a newline. Never throws; a failure is
 * a document too, and so is an answer that would be too long.
 */
export async function answerProbe(
  probe: ProbeName,
  { root, sections }: { root: string; sections: () => Promise<Record<string, unknown>> },
): Promise<Buffer> {
  try {
    const bytes = documentBytes({
      type: PROBE_TYPE,
      probe,
      ok: true,
      data: (await look(probe, { root, sections: await sections() })) as Json,
    });
    if (bytes.length <= MAX_PROBE_BYTES) return bytes;
    throw new FailureError('too_large', { probe, limit: MAX_PROBE_BYTES });
  } catch (thrown) {
    const error = toFailure(thrown, `probe.${probe}`);
    return documentBytes({ type: PROBE_TYPE, probe, ok: false, error });
  }
}

async function look(
  probe: ProbeName,
  { root, sections }: { root: string; sections: Record<string, unknown> },
) {
  const program = PROBE_PROGRAMS[probe];
  const section = sections[program.check];
  if (section === undefined) throw new FailureError('absent', { where: `checks.${program.check}` });
  const run = await program.load();
  const signal = AbortSignal.timeout(TIME_LIMIT * 1000);
  return run({ root, section, signal, cacheDir: process.env.CACHE_DIRECTORY }); // systemd.exec(5)
}

function documentBytes(document: ProbeDocument): Buffer {
  return Buffer.concat([canonicalBytes(document as Json), Buffer.from('\n')]);
}
