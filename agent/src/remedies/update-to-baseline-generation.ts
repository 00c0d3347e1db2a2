import * as z from 'zod';
import { type Done, defineRemedy, type Hands, type Unfinished } from '../core/remedy.ts';
import { type Failure, toFailure } from '../wire/failure.ts';
import { StorePath } from '../wire/primitives.ts';
import { isWhole, readSystems, type Systems } from './generation/links.ts';
import {
  awaitSwitch,
  checkSystem,
  failedUnits,
  putBackProfile,
  setProfile,
  switchTo,
} from './generation/switch.ts';

const Params = z.strictObject({
  generation: StorePath.optional().describe('becomes the accepted generation once it runs healthy'),
});

/** Looks at the new system for this long, a second apart, before it is trusted. */
const STEADY = 3;
const TRIES_BACK = 3;
/** Exit code of a switch that an inhibitor forbade; nothing was activated. */
const REFUSED = 100;

/**
 * Switches to the accepted generation, or to the one that an order names (DESIGN 5, “Switching a generation”): check,
 * set the profile, switch, look whether it is healthy; else put the earlier generation back, running and boot default.
 */
export const updateToBaselineGeneration = defineRemedy<unknown>({
  id: 'update_to_baseline_generation',
  check: 'patching',
  title: 'Switch to the accepted generation',
  disruptive: true,
  section: z.unknown(),
  params: Params,

  async run({ hands, params, accepted, healthTimeout }) {
    const target = Params.parse(params).generation ?? accepted;
    if (target === null)
      return failed({ code: 'absent', params: { where: 'accepted generation' } });
    const now = await readSystems(hands.host);
    if (isWhole(now, target)) return accept(hands, target, accepted);
    // A profile link that leads nowhere is nothing to go back to; then it is what runs.
    const earlier = { ...now, profile: now.profile ?? now.running };
    if (earlier.profile === null) return failed(rollbackFailed('no earlier generation'));

    const before = await failedUnits(hands);
    if (!(await checkSystem(hands, target)).ok) return deferred('pre-switch check refused');

    hands.noteRollback({ generation: earlier.profile, target });
    const back = (cause: Failure | null, activated = true) =>
      goBack(hands, { earlier, activated, cause });
    if (!(await setProfile(hands, target)).ok) return back(tool('nix-env', 'set'), false);
    const { exitCode, ok } = await switchTo(hands, target);
    if (exitCode === REFUSED) return back(null, false);
    if (!ok) return back(tool('switch-to-configuration', 'switch', exitCode));
    const sick = await awaitHealth(hands, { target, before, timeout: healthTimeout });
    if (sick !== null) return back(sick);
    return accept(hands, target, accepted);
  },

  /** A run was cut off. What it had finished stays only if it can be seen to be whole and healthy. */
  async settle({ hands, accepted, healthTimeout }, { rollback, target }: Unfinished) {
    const interrupted: Failure = { code: 'interrupted', params: { where: 'switch' } };
    await awaitSwitch(hands);
    const now = await readSystems(hands.host);
    if (rollback === null || target === null || isWhole(now, rollback)) return failed(interrupted);
    if (isWhole(now, target)) {
      const before = new Set<string>(); // what had failed before is not known: any failed unit counts
      const sick = await awaitHealth(hands, { target, before, timeout: healthTimeout });
      if (sick === null) return accept(hands, target, accepted);
    }
    const earlier = { profile: rollback, generation: null };
    return goBack(hands, { earlier, activated: true, cause: interrupted });
  },
});

/** Null once the new system has been healthy for a while; otherwise what was wrong when the time was over. */
async function awaitHealth(
  hands: Hands,
  { target, before, timeout }: { target: string; before: ReadonlySet<string>; timeout: number },
): Promise<Failure | null> {
  let steady = 0;
  let wrong: Failure | null = null;
  for (let second = 0; second <= timeout; second += 1) {
    wrong = await findFault(hands, target, before);
    steady = wrong === null ? steady + 1 : 0;
    if (steady >= STEADY) return null;
    await hands.pause(1000);
  }
  return wrong ?? { code: 'unhealthy', params: { reason: 'not steady' } };
}

/** Exit code 4 may be an unrelated unit that had failed before: only those that failed since count. */
async function findFault(
  hands: Hands,
  target: string,
  before: ReadonlySet<string>,
): Promise<Failure | null> {
  try {
    if (!isWhole(await readSystems(hands.host), target))
      return { code: 'unhealthy', params: { reason: 'the system does not run' } };
    const [unit] = [...(await failedUnits(hands))].filter((name) => !before.has(name));
    return unit === undefined ? null : { code: 'unhealthy', params: { unit } };
  } catch (error) {
    return toFailure(error, 'remedy.health');
  }
}

type Back = {
  readonly earlier: Pick<Systems, 'profile' | 'generation'>;
  /** Whether anything of the new system may have been activated; if not, the profile alone was changed. */
  readonly activated: boolean;
  /** Null for a refusal, which is no failure: the outcome is `deferred`. */
  readonly cause: Failure | null;
};

/** Puts the earlier generation back: its profile link, and by activating it again what runs and what will boot. */
async function goBack(hands: Hands, { earlier, activated, cause }: Back): Promise<Done> {
  const { profile, generation } = earlier;
  if (profile === null) return failed(rollbackFailed('no earlier generation'));
  await putBackProfile(hands, { profile, generation });
  for (let tries = 0; activated && tries < TRIES_BACK; tries += 1) {
    if ((await switchTo(hands, profile, 'switch_back')).ok) break;
    await hands.pause(5000); // another switch may hold the lock
  }
  const now = await readSystems(hands.host);
  if (now.profile !== profile) return failed(rollbackFailed('profile'));
  if (activated && now.running !== profile) return failed(rollbackFailed('switch'));
  return cause === null ? deferred('switch refused') : { outcome: 'reverted', error: cause };
}

function accept(hands: Hands, target: string, accepted: string | null): Done {
  if (target !== accepted) hands.acceptGeneration(target);
  return { outcome: 'success', error: null, rollbackAvailable: true };
}

const failed = (error: Failure): Done => ({ outcome: 'failed', error });
const deferred = (reason: string): Done => ({
  outcome: 'deferred',
  error: { code: 'busy', params: { reason } },
});
const rollbackFailed = (reason: string): Failure => ({
  code: 'rollback_failed',
  params: { reason },
});

function tool(name: string, reason: string, exitCode?: number | null): Failure {
  const code = exitCode === undefined || exitCode === null ? {} : { exit_code: exitCode };
  return { code: 'tool_failed', params: { tool: name, reason, ...code } };
}
