import { setTimeout as sleep } from 'node:timers/promises';
import { FormData } from 'undici';
import { seededRandom } from '../drift/random.ts';
import type { Row } from '../report.ts';
import type { Host, Possible, Seen } from './field.ts';
import type { Form, Scenario, Step } from './scenario.ts';
import type { Viewer } from './viewer.ts';

/** Seconds that anything may take to be seen: several poll intervals, since the machine may be busy. */
const PATIENCE = 90;

export type Field = {
  readonly form: Form;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly viewers: ReadonlyMap<string, Viewer>;
  /** A command of `compliance-server`. */
  server(args: readonly string[], input?: string): { code: number; output: string };
  /** Signs a draft with the operator’s private key, which no server is ever given. */
  sign(draft: string): string;
  /** Sends the evidence of simulated agents; gives how many bundles were received. */
  send(step: Extract<Step, { do: 'drift' }>): Promise<number>;
};

type Result = { readonly ok: boolean; readonly seen: string };

/** Plays every step of the scenario that belongs to this form, one after the other, and shows a row of each. */
export async function play(
  { steps }: Scenario,
  field: Field,
  show: (row: Row) => void,
): Promise<void> {
  const possible = new Map<string, Possible>();
  for (const [name, host] of field.hosts) possible.set(name, await host.violations());
  for (const step of steps) {
    const { real, simulated } = originOf(step, possible);
    const about = { control: 'host' in step ? step.host : step.do, what: step.what };
    const lacking = missing(step, possible);
    const begun = performance.now();
    const { ok, seen } =
      lacking ??
      (step.forms.includes(field.form)
        ? await perform(step, field)
        : { ok: true, seen: `left out: not for ${field.form}` });
    const seconds = (performance.now() - begun) / 1000;
    show({ ...about, expected: '', seen, ok, seconds, real, simulated });
  }
}

/** A control that this machine cannot make real is said to be left out; in CI that is a failure. */
function missing(step: Step, possible: ReadonlyMap<string, Possible>): Result | null {
  if (!('finding' in step)) return null;
  const able = possible.get(step.host)?.some(({ control }) => control === step.control);
  return able
    ? null
    : { ok: !process.env.CI, seen: `left out: this machine has no ${step.control}` };
}

function originOf(
  step: Step,
  possible: ReadonlyMap<string, Possible>,
): Pick<Row, 'real' | 'simulated'> {
  if (step.do === 'drift')
    return { real: 'chains, signatures, upload', simulated: 'what the agents watch' };
  if (!('finding' in step)) return { real: 'processes on loopback', simulated: 'the hosts' };
  const found = possible.get(step.host)?.find(({ control }) => control === step.control);
  return { real: found?.real ?? '', simulated: found?.simulated ?? '' };
}

function perform(step: Step, field: Field): Promise<Result> {
  switch (step.do) {
    case 'compliant':
      return allCompliant([...field.hosts.values()]);
    case 'violate':
      return violate(step, field);
    case 'storm':
      return storm(step, field);
    case 'flapping':
      return flapping(step, field);
    case 'order':
      return order(step, field);
    case 'cut':
      return cut(step, field);
    case 'join':
      return join(step, field);
    case 'view':
      return view(step, field);
    case 'drift':
      return drift(step, field);
    case 'verify':
      return verify(field);
  }
}

async function allCompliant(hosts: readonly Host[]): Promise<Result> {
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

async function violate(
  { host: name, control, finding, heals }: Extract<Step, { do: 'violate' }>,
  field: Field,
): Promise<Result> {
  const host = hostOf(field, name);
  const before = await last(host);
  await host.violate(control, finding);
  const found = await bundle(
    host,
    before,
    (seen) => seen.check === control && seen.rules.includes(finding),
  );
  if (found === null) return { ok: false, seen: `not seen: ${finding}` };
  const mended = heals
    ? await bundle(host, before, (seen) => seen.check === control && seen.outcome === 'success')
    : await mendByHand(host, { control, finding, before: found.position });
  const received = await allReceived(host);
  const parts = [finding, heals ? 'healed' : 'mended by a person', 'received'];
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
async function storm(
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
          seen.check === control && seen.outcome === 'success' && seen.rules.includes(finding),
      ),
    ),
  );
  return told(
    chosen.map(({ control }) => `${control} healed`),
    healed.map((seen) => seen !== null),
  );
}

/** Mended until it has relapsed three times within an hour; then the remedy is quarantined and a person is asked. */
async function flapping(
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

/** In the viewer: what a host asks for is exported, signed outside, imported, fetched and obeyed. */
async function order(
  { host: name, as }: Extract<Step, { do: 'order' }>,
  field: Field,
): Promise<Result> {
  const host = hostOf(field, name);
  const viewer = viewerOf(field, as);
  const before = await last(host);
  await host.violate('patching', 'running_not_accepted');
  const listed = async (state: string): Promise<string | null> => {
    const { output } = field.server(['orders', 'list', '--host', name, '--state', state, '--json']);
    return JSON.parse(output)[0]?.order_id ?? null;
  };
  const id = await waitFor(() => listed('requested'));
  if (id === null) return { ok: false, seen: 'no order was asked for' };
  const draft = await viewer.post(`/orders/${id}/export`);
  const form = new FormData();
  form.set('order', new Blob([field.sign(draft.body)], { type: 'application/json' }), 'order.json');
  const imported = await viewer.post('/orders/import', form);
  const obeyed = await bundle(
    host,
    before,
    (seen) => seen.check === 'patching' && seen.outcome === 'success',
  );
  const done = await waitFor(async () => (await listed('done')) === id || null);
  return told(
    ['asked for', 'exported', 'signed elsewhere and imported', 'obeyed', 'done'],
    [true, draft.status === 200, imported.status === 303, obeyed !== null, done === true],
  );
}

async function cut(
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

async function join({ host: name }: Extract<Step, { do: 'join' }>, field: Field): Promise<Result> {
  const host = hostOf(field, name);
  await host.join();
  const received = await allReceived(host);
  const count = (await host.evidence(0)).length;
  return { ok: received, seen: received ? `all ${count} bundles received` : 'some still wait' };
}

/** What a page says may follow what the server keeps by a second or two. */
async function view(
  { as, path, status, contains, lacks }: Extract<Step, { do: 'view' }>,
  field: Field,
): Promise<Result> {
  const viewer = viewerOf(field, as);
  let fault = '';
  const right = await waitFor(async () => {
    const page = await viewer.get(path);
    const text = page.body.toLowerCase();
    const absent = contains.filter((word) => !text.includes(word.toLowerCase()));
    const there = lacks.filter((word) => text.includes(word.toLowerCase()));
    fault = [
      ...(page.status === status ? [] : [`status ${page.status}`]),
      ...absent.map((word) => `no ${word}`),
      ...there.map((word) => `there is ${word}`),
    ].join(', ');
    return fault === '' || null;
  }, 15);
  return { ok: right === true, seen: right === true ? `${status} ${path}` : `${path}: ${fault}` };
}

async function drift(step: Extract<Step, { do: 'drift' }>, field: Field): Promise<Result> {
  const sent = await field.send(step);
  return { ok: sent > 0, seen: `${sent} bundles of ${step.hosts} agents received` };
}

async function verify(field: Field): Promise<Result> {
  const { code, output } = field.server(['verify']);
  return { ok: code === 0, seen: output.trim().split('\n').at(-1) ?? '' };
}

async function allReceived(host: Host): Promise<boolean> {
  const all = await waitFor(
    async () => (await host.evidence(0)).every(({ receipted }) => receipted) || null,
    2 * PATIENCE,
  );
  return all === true;
}

async function bundle(
  host: Host,
  after: number,
  isIt: (seen: Seen) => boolean,
): Promise<Seen | null> {
  return waitFor(async () => (await host.evidence(after)).find(isIt) ?? null);
}

const last = async (host: Host) => (await host.evidence(0)).at(-1)?.position ?? 0;

/** Says each part that held, and what did not. */
function told(parts: readonly string[], held: readonly boolean[]): Result {
  const seen = parts.map((part, index) => (held[index] ? part : `NOT ${part}`)).join(', ');
  return { ok: held.every(Boolean), seen };
}

function hostOf({ hosts }: Field, name: string): Host {
  const host = hosts.get(name);
  if (host === undefined) throw new Error(`there is no host ${name}`);
  return host;
}

function viewerOf({ viewers }: Field, name: string): Viewer {
  const viewer = viewers.get(name);
  if (viewer === undefined) throw new Error(`there is no reader ${name}`);
  return viewer;
}

/** Looks four times a second until something is there; null after `seconds`. */
export async function waitFor<T>(
  look: () => Promise<T | null>,
  seconds = PATIENCE,
): Promise<T | null> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) return null;
    await sleep(250);
  }
}
