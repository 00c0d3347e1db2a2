import { acceptGeneration } from '../../../effects/root/state.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { StorePath } from '../../../wire/primitives.ts';
import { loadConfig } from '../../config.ts';
import type { ConfigOption } from '../options.ts';
import { requireRoot } from '../require-root.ts';
import { readLink } from './links.ts';

/** A switch that a remedy makes runs the same activation; what that accepts is decided after its health check. */
const REMEDY_SWITCH = 'COMPLIANCE_AGENT_REMEDY';

export async function accept(
  path: string | undefined,
  { config: file, bySwitch = false }: ConfigOption & { bySwitch?: boolean },
): Promise<void> {
  requireRoot('generation accept');
  if (bySwitch && process.env[REMEDY_SWITCH] !== undefined) return;
  const generation = StorePath.safeParse(path ?? readLink('/run/current-system'));
  if (!generation.success)
    throw new Exit(
      EXIT.usage,
      `${path ?? '/run/current-system'}: expected a path directly below /nix/store`,
    );
  process.umask(0o022);
  const now = new Date();
  const { settings } = await loadConfig({ file, env: process.env, now });
  const by = bySwitch ? 'switch' : 'operator';
  acceptGeneration(settings.root_state_dir, {
    generation: generation.data,
    by,
    orderId: null,
    now,
  });
  console.log(`accepted ${generation.data}`);
}
