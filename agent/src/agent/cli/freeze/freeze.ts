import { setFrozen } from '../../../core/root-state.ts';
import { changeRootState } from '../../../effects/root/state.ts';
import { loadConfig } from '../../config.ts';
import type { ConfigOption } from '../options.ts';
import { requireRoot } from '../require-root.ts';

/** Root’s own state, so that it holds even against an agent that would not obey. */
export async function freeze(frozen: boolean, { config: file }: ConfigOption): Promise<void> {
  requireRoot(frozen ? 'freeze' : 'unfreeze');
  process.umask(0o022);
  const now = new Date();
  const { settings } = await loadConfig({ file, env: process.env, now });
  const since = changeRootState(settings.root_state_dir, now, (state) => {
    const after = setFrozen(state, frozen, now);
    return [after, after.frozen_since];
  });
  console.log(since === null ? 'remedies may start' : `frozen since ${since}`);
}
