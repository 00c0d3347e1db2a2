import { appendFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Control, Violation } from './control.ts';
import { type Stored, stateOf, storedSince, waitFor } from './evidence.ts';
import type { Row } from './report.ts';
import type { Stack, StackPaths } from './stack.ts';
import type { Stage } from './stage.ts';

/** Seconds that anything may take to be seen: several poll intervals, since the machine may be busy. */
const PATIENCE = 20;

export type Play = {
  readonly stage: Stage;
  readonly stack: Stack;
  readonly paths: StackPaths;
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
 * Breaks a control, waits for evidence that names it and for its receipt, and mends it. That it is compliant again is
 * for the next act to show, so that all of them fit into a minute.
 */
export function actViolation(play: Play, control: Control, violation: Violation): Promise<void> {
  const { stateDir } = play.paths;
  const about = {
    control: control.id,
    what: violation.title,
    expected: violation.finding,
    real: control.real,
    simulated: control.simulated,
  };
  return act(play, about, async () => {
    const before = lastPosition(stateDir);
    await violation.violate();
    const found = await waitFor(
      () => bundleWith(stateDir, before, control.id, violation.finding),
      PATIENCE,
    );
    const received =
      found === null ? null : await waitFor(() => receipted(stateDir, found), PATIENCE);
    await violation.restore();
    const steps = [
      found === null
        ? `not seen: ${violation.finding}`
        : `${violation.finding}, proved as bundle ${found.bundle.sequence}`,
      received === null ? 'no receipt' : 'received',
    ];
    return { ok: found !== null && received !== null, seen: steps.join(', ') };
  });
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

function bundleWith(stateDir: string, after: number, check: string, rule: string): Stored | null {
  const isIt = ({ bundle }: Stored) =>
    bundle.check === check &&
    (stateOf(bundle)?.findings.some((finding) => finding.rule === rule) ?? false);
  return storedSince(stateDir, after).find(isIt) ?? null;
}

function receipted(stateDir: string, { position }: Stored): true | null {
  return storedSince(stateDir, position - 1)[0]?.receipted ? true : null;
}

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
