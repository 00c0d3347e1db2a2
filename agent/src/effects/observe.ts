import type { Check } from '../core/check.ts';
import type { Host } from '../core/host.ts';
import type { Seen } from '../core/judge.ts';
import { FailureError, toFailure } from '../wire/failure.ts';
import type { Json } from '../wire/primitives.ts';

type Look = {
  /** Makes the host port whose every look ends when the signal aborts. */
  host: (signal: AbortSignal) => Host;
  /** The check’s section of the baseline as its schema gave it; undefined where the baseline has none. */
  section: unknown;
  now: Date;
  /** Seconds; the check’s own where left out. */
  timeout?: number | undefined;
};

/**
 * Probe and judge of one check. Never throws: what the check could not do is its `error`, so one check’s failure is
 * data and never the cycle’s (DESIGN 3). Facts that break the check’s schema are `malformed`: nothing enters evidence
 * that the schema does not list (DESIGN promise 6).
 */
export async function observe(
  check: Check,
  { host, section, now, timeout = check.timeout }: Look,
): Promise<Seen> {
  if (section === undefined) {
    const reason = 'The baseline has no section for this check.';
    return { check: check.id, facts: null, judgement: { applicable: false, reason } };
  }
  try {
    const probed = await withinTime(timeout, (signal) =>
      check.probe({ host: host(signal), expected: section, now }),
    );
    const facts = parseFacts(check, probed);
    const judgement = check.judge({ facts, expected: section, now });
    return { check: check.id, facts: facts as Json, judgement };
  } catch (thrown) {
    return { check: check.id, error: toFailure(thrown, `check.${check.id}`) };
  }
}

/** Milliseconds in which what listens to the signal may say more exactly what took so long. */
const GRACE = 100;

/** A reason that is an error would be made, with its stack, each time. */
const OVER = 'the look is over';

/** The signal asks every look to end; the race holds even where one does not listen. */
async function withinTime<T>(
  seconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new FailureError('timeout', { limit: seconds }));
    timers.push(
      setTimeout(() => controller.abort(OVER), seconds * 1000),
      setTimeout(giveUp, seconds * 1000 + GRACE),
    );
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    controller.abort(OVER); // whatever is still under way is of no use to anyone
  }
}

function parseFacts(check: Check, probed: unknown): unknown {
  const parsed = check.facts.safeParse(probed);
  if (parsed.success) return parsed.data;
  const where = [check.id, 'facts', ...(parsed.error.issues[0]?.path ?? [])].join('.');
  throw new FailureError('malformed', {
    where: where.replace(/[^A-Za-z0-9 ._-]/g, '_').slice(0, 160),
  });
}
