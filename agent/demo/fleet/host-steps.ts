import { seededRandom } from '../drift/random.ts';
import type { Host, Possible, Seen } from './field.ts';
import {
  allReceived,
  bundle,
  type Field,
  hostOf,
  last,
  namedIn,
  type Result,
  told,
  waitFor,
} from './look.ts';
import type { Step } from './scenario.ts';

export async function allCompliant(hosts: readonly Host[]): Promise<Result> {
  const open = await Promise.all(
    hosts.map(async (host) => {
      const bad = async () => {
        const latest = new Map(
          (await host.evidence(0)).map(({ check, verdict }) => [check, verdict]),
        );
        const controls = new Set((await host.violations()).map(({ control }) => control));
        return [...controls].filter((control) => latest.get(control) !== 'compliant');
      };
      const done = await waitFor(async () => (await bad()).length === 0 || null);
      return done ? [] : [`${host.name}: ${(await bad()).join(', ')}`];
    }),
  );
  const bad = open.flat();
  return { ok: bad.length === 0, seen: bad.join('; ') || `${hosts.length} hosts compliant` };
}

export async function violate(
  { host: name, control, finding, heals }: Extract<Step, { do: 'violate' }>,
  field: Field,
): Promise<Result> {
  const host = hostOf(field, name);
  const before = await last(host);
  await host.violate(control, finding);
  const found = await bundle(
    host,
    before,
    (seen) => seen.check === control && namedIn(seen, finding) !== null,
  );
  if (found === null) {
    const instead = (await host.evidence(before)).map(({ check, rules }) =>
      [check, ...rules].join(' '),
    );
    return { ok: false, seen: `not seen: ${finding}; but ${instead.join(', ') || 'nothing'}` };
  }
  const mended = heals
    ? await bundle(host, before, (seen) => seen.check === control && seen.outcome === 'success')
    : await mendByHand(host, { control, finding, before: found.position });
  const received = await allReceived(host);
  const named = namedIn(found, finding) ?? finding;
  const parts = [named, heals ? 'healed' : 'mended by a person', 'received'];
  const held = [true, mended !== null, received];
  return told(parts, held);
}

async function mendByHand(
  host: Host,
  { control, finding, before }: { control: string; finding: string; before: number },
): Promise<Seen | null> {
  await host.restore(control, finding);
  return bundle(host, before, (seen) => seen.check === control && seen.verdict === 'compliant');
}

/** As many violations at once as are asked for, of different controls, by the seed. */
export async function storm(
  { host: name, seed, count }: Extract<Step, { do: 'storm' }>,
  field: Field,
): Promise<Result> {
  const host = hostOf(field, name);
  const random = seededRandom(seed);
  const left = (await host.violations()).filter(({ heals }) => heals);
  const chosen: Possible[number][] = [];
  while (chosen.length < count && left.length > 0) {
    const next = random.pick(left);
    left.splice(0, left.length, ...left.filter(({ control }) => control !== next.control));
    chosen.push(next);
  }
  const before = await last(host);
  await Promise.all(chosen.map(({ control, finding }) => host.violate(control, finding)));
  const healed = await Promise.all(
    chosen.map(({ control, finding }) =>
      bundle(
        host,
        before,
        (seen) =>
          seen.check === control && seen.outcome === 'success' && namedIn(seen, finding) !== null,
      ),
    ),
  );
  return told(
    chosen.map(({ control }) => `${control} healed`),
    healed.map((seen) => seen !== null),
  );
}

/** Mended until it has relapsed three times within an hour; then the remedy is quarantined and a person is asked. */
export async function flapping(
  { host: name, control, finding, times }: Extract<Step, { do: 'flapping' }>,
  field: Field,
): Promise<Result> {
  const host = hostOf(field, name);
  for (let time = 1; time < times; time += 1) {
    const before = await last(host);
    await host.violate(control, finding);
    const healed = await bundle(
      host,
      before,
      (seen) => seen.check === control && seen.outcome === 'success',
    );
    if (healed === null) return { ok: false, seen: `not healed, time ${time}` };
  }
  const before = await last(host);
  await host.violate(control, finding);
  const alert = await bundle(
    host,
    before,
    (seen) => seen.check === control && seen.outcome === 'alert',
  );
  const mended = await mendByHand(host, { control, finding, before: alert?.position ?? before });
  return told(
    [`healed ${times - 1} times`, 'then an alert', 'mended by a person'],
    [true, alert !== null, mended !== null],
  );
}

export async function cut(
  { host: name, control, finding }: Extract<Step, { do: 'cut' }>,
  field: Field,
): Promise<Result> {
  const host = hostOf(field, name);
  const before = await last(host);
  await host.cut();
  await host.violate(control, finding);
  const healed = await bundle(
    host,
    before,
    (seen) => seen.check === control && seen.outcome === 'success',
  );
  const waiting = (await host.evidence(before)).filter(({ receipted }) => !receipted).length;
  return told(
    [`${finding} healed without a server`, `${waiting} bundles wait`],
    [healed !== null, waiting > 0],
  );
}

export async function join(
  { host: name }: Extract<Step, { do: 'join' }>,
  field: Field,
): Promise<Result> {
  const host = hostOf(field, name);
  await host.join();
  const received = await allReceived(host);
  const count = (await host.evidence(0)).length;
  return { ok: received, seen: received ? `all ${count} bundles received` : 'some still wait' };
}
