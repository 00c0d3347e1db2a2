import { appendFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeFailure } from '../src/wire/failure.ts';
import type { Json } from '../src/wire/primitives.ts';
import { CheckState } from '../src/wire/verdict.ts';
import type { AgentPaths } from './agent-side.ts';
import type { Control, Violation } from './control.ts';
import { type Stored, stateOf, storedSince, waitFor } from './evidence.ts';
import { approveOrder, handOver, requestedOrders } from './orders.ts';
import type { Row } from './report.ts';
import type { Stack } from './stack.ts';
import type { Stage } from './stage.ts';

/** Seconds that anything may take to be seen: several poll intervals, since the machine may be busy. */
const PATIENCE = 20;

export type Play = {
  readonly stage: Stage;
  readonly stack: Stack;
  readonly paths: AgentPaths;
  readonly show: (row: Row) => void;
};

type Seen = Pick<Row, 'seen' | 'ok'>;

async function act(
  play: Play,
  about: Omit<Row, keyof Seen | 'seconds'>,
  perform: () => Promise<Seen>,
): Promise<void> {
  const begun = performance.now();
  const { seen, ok } = await perform();
  play.show({ ...about, seen, ok, seconds: (performance.now() - begun) / 1000 });
}

/** Every control is compliant, by the agent’s own evidence. */
export function actCompliant(
  play: Play,
  { controls, what }: { controls: readonly Control[]; what: string },
): Promise<void> {
  const about = {
    control: 'all',
    what,
    expected: 'compliant',
    real: 'as below',
    simulated: 'as below',
  };
  return act(play, about, async () => {
    const open = () => {
      const latest = latestStates(play.paths.stateDir);
      return controls
        .filter(({ id }) => latest.get(id) !== 'compliant')
        .map(({ id }) => `${id} ${latest.get(id) ?? 'not seen'}`);
    };
    const ok = (await waitFor(() => (open().length === 0 ? true : null), PATIENCE)) === true;
    return { ok, seen: ok ? `${controls.length} controls compliant` : open().join(', ') };
  });
}

/**
 * Breaks a control and waits for evidence that names it. What the agent’s remedy mends is waited for; what only a person
 * can mend the demo mends, and the next act shows that it is compliant again.
 */
export function actViolation(play: Play, control: Control, violation: Violation): Promise<void> {
  const { stateDir } = play.paths;
  const { id: check, real, simulated } = control;
  const about = {
    control: check,
    what: violation.title,
    expected: violation.finding,
    real,
    simulated,
  };
  return act(play, about, async () => {
    const before = lastPosition(stateDir);
    await violation.violate();
    const found = await waitFor(
      () => bundleWith(stateDir, before, check, violation.finding),
      PATIENCE,
    );
    const steps = [
      {
        ok: found !== null,
        seen: found === null ? `not seen: ${violation.finding}` : violation.finding,
      },
    ];
    if (violation.heals) {
      const healed = await waitFor(() => bundleOf(stateDir, before, check, ['success']), PATIENCE);
      steps.push({ ok: healed !== null, seen: healed === null ? 'not healed' : 'healed' });
    }
    const proof = lastPosition(stateDir);
    const received = await waitFor(() => allReceipted(stateDir, before), PATIENCE);
    await violation.restore();
    const proved = found === null ? 'not proved' : `proved from bundle ${found.bundle.sequence}`;
    steps.push({
      ok: received !== null && proof > before,
      seen: `${proved}, ${received === null ? 'no receipt' : 'received'}`,
    });
    return { ok: steps.every(({ ok }) => ok), seen: steps.map(({ seen }) => seen).join(', ') };
  });
}

/** What needs an order: it is asked for, signed by an operator, kept to the window, obeyed once and never again. */
export async function actOrder(play: Play, control: Control): Promise<void> {
  const { stage, stack, paths } = play;
  const [violation] = control.violations;
  if (violation === undefined) throw new Error(`${control.id} has no violation`);
  const { id: check, real, simulated } = control;
  const about = { control: check, real, simulated };
  const before = lastPosition(paths.stateDir);
  let order = '';

  await act(play, { ...about, what: violation.title, expected: violation.finding }, async () => {
    await violation.violate();
    const found = await waitFor(
      () => bundleWith(paths.stateDir, before, check, violation.finding),
      PATIENCE,
    );
    const [request] = (await waitFor(() => nonEmpty(requestedOrders(stack)), PATIENCE)) ?? [];
    if (found === null || request === undefined)
      return { ok: false, seen: 'no order was asked for' };
    order = approveOrder(stage, stack, request);
    return { ok: true, seen: `${violation.finding}, order asked for, signed by an operator` };
  });
  await act(
    play,
    { ...about, what: 'the order comes outside the maintenance window', expected: 'deferred' },
    async () => {
      const deferred = await waitFor(
        () => bundleOf(paths.stateDir, before, check, ['deferred']),
        PATIENCE,
      );
      return {
        ok: deferred !== null,
        seen: deferred === null ? 'not deferred' : `deferred, bundle ${deferred.bundle.sequence}`,
      };
    },
  );
  await act(
    play,
    { ...about, what: 'the settings allow it at any time', expected: 'success' },
    async () => {
      stack.allowAtAnyTime();
      const done = await waitFor(
        () => bundleOf(paths.stateDir, before, check, ['success']),
        2 * PATIENCE,
      );
      if (done === null) return { ok: false, seen: 'not switched' };
      const { sequence, action_taken } = done.bundle;
      return { ok: true, seen: `switched in ${action_taken.length} steps, bundle ${sequence}` };
    },
  );
  await act(
    play,
    { ...about, what: 'the same order is handed over again', expected: 'rejected' },
    async () => {
      const answer = await handOver(paths.runtimeDir, 'update_to_baseline_generation', order);
      const refused = !answer.ran && answer.outcome === 'rejected';
      return {
        ok: refused,
        seen: answer.ran ? 'it ran again' : `${answer.outcome}: ${describeFailure(answer.error)}`,
      };
    },
  );
}

/** Without a server evidence waits; with it back everything arrives, once. */
export async function actOffline(
  play: Play,
  control: Control,
  violation: Violation,
): Promise<void> {
  const { stack, paths } = play;
  const about = { control: 'queue', real: 'the control server stopped and started', simulated: '' };
  const before = lastPosition(paths.stateDir);
  await act(
    play,
    { ...about, what: 'the control server is away', expected: 'queued' },
    async () => {
      await stack.stopServer();
      await violation.violate();
      const found = await waitFor(
        () => bundleWith(paths.stateDir, before, control.id, violation.finding),
        PATIENCE,
      );
      await violation.restore();
      await waitFor(
        () => (latestStates(paths.stateDir).get(control.id) === 'compliant' ? true : null),
        PATIENCE,
      );
      const waiting = storedSince(paths.stateDir, before).filter(
        (stored) => !stored.receipted,
      ).length;
      return { ok: found !== null && waiting >= 2, seen: `${waiting} bundles wait` };
    },
  );
  await act(
    play,
    { ...about, what: 'the control server is back', expected: 'drained' },
    async () => {
      await stack.startServer();
      const drained = await waitFor(
        () => (storedSince(paths.stateDir, 0).every((stored) => stored.receipted) ? true : null),
        2 * PATIENCE,
      );
      const all = storedSince(paths.stateDir, 0);
      const { code, output } = stack.server('verify');
      const held =
        code === 0 ? 'the server verifies its copy' : `compliance-server verify: ${output.trim()}`;
      return {
        ok: drained === true && code === 0,
        seen: `${all.filter(({ receipted }) => receipted).length} of ${all.length} received, ${held}`,
      };
    },
  );
}

/** Whoever alters or removes stored evidence is found out by folder and public key alone. */
export async function actTampering(play: Play): Promise<void> {
  const { stage, stack, paths } = play;
  const evidence = join(paths.stateDir, 'evidence');
  const verify = (folder: string) =>
    stack.agent('evidence', 'verify', '--dir', folder, '--public-key', paths.publicKey);
  const copy = (name: string) => {
    const folder = stage.path(name);
    cpSync(evidence, folder, { recursive: true });
    return folder;
  };
  const all = storedSince(paths.stateDir, 0);
  const victim = all[Math.floor(all.length / 2)];
  if (victim === undefined) throw new Error('no evidence was written');
  const below = (folder: string) => join(folder, victim.folder.slice(evidence.length));
  const about = { control: 'evidence', real: 'the agent’s own files, copied', simulated: '' };

  await act(play, { ...about, what: 'untouched', expected: 'holds' }, async () => {
    const { code, output } = verify(evidence);
    return { ok: code === 0, seen: code === 0 ? `${all.length} bundles verify` : output.trim() };
  });
  await act(play, { ...about, what: 'a stored bundle is altered', expected: 'named' }, async () => {
    const folder = copy('altered');
    appendFileSync(join(below(folder), 'bundle.json'), ' ');
    return named(verify(folder), victim.bundle.bundle_id);
  });
  await act(play, { ...about, what: 'a stored bundle is removed', expected: 'named' }, async () => {
    const folder = copy('removed');
    rmSync(below(folder), { recursive: true });
    return named(verify(folder), String(victim.bundle.sequence));
  });
}

function named({ code, output }: { code: number; output: string }, what: string): Seen {
  const line = output.split('\n').find((candidate) => candidate.includes(what));
  return {
    ok: code === 1 && line !== undefined,
    seen: line?.trim() ?? `exit ${code}: ${output.trim()}`,
  };
}

/** What a remedy mended at once stands in the bundle as the state before it. */
function bundleWith(stateDir: string, after: number, check: string, rule: string): Stored | null {
  const isIt = ({ bundle: { check: id, pre_state, post_state } }: Stored) =>
    id === check && [pre_state, post_state].some((state) => hasFinding(state, rule));
  return storedSince(stateDir, after).find(isIt) ?? null;
}

function hasFinding(recorded: Json, rule: string): boolean {
  const state = CheckState.safeParse(recorded).data;
  return state?.findings.some((finding) => finding.rule === rule) ?? false;
}

/** The first bundle of a control with one of some outcomes. */
function bundleOf(
  stateDir: string,
  after: number,
  check: string,
  outcomes: readonly string[],
): Stored | null {
  const isIt = ({ bundle }: Stored) => bundle.check === check && outcomes.includes(bundle.outcome);
  return storedSince(stateDir, after).find(isIt) ?? null;
}

function allReceipted(stateDir: string, after: number): true | null {
  return storedSince(stateDir, after).every(({ receipted }) => receipted) ? true : null;
}

const nonEmpty = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

function latestStates(stateDir: string): Map<string, string> {
  const states = storedSinceOrNone(stateDir).flatMap(({ bundle }) => stateOf(bundle) ?? []);
  return new Map(states.map(({ check, verdict }) => [check, verdict]));
}

const lastPosition = (stateDir: string) => storedSince(stateDir, 0).at(-1)?.position ?? 0;

/** Before the agent’s first bundle there is no index to read. */
function storedSinceOrNone(stateDir: string): Stored[] {
  try {
    return storedSince(stateDir, 0);
  } catch {
    return [];
  }
}
