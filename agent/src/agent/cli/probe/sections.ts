import { FailureError } from '../../../wire/failure.ts';
import { InputError } from '../../../wire/input.ts';
import { loadConfig } from '../../config.ts';

/**
 * The baseline’s sections by check id. What is wrong with settings or baseline is for `config check` to say in full;
 * the probe’s document only says that it could not use them.
 */
export async function readSections(config: string | undefined): Promise<Record<string, unknown>> {
  try {
    const { baseline } = await loadConfig({ file: config, env: process.env, now: new Date() });
    return baseline.checks;
  } catch (thrown) {
    if (!(thrown instanceof InputError)) throw thrown;
    console.error(thrown.message); // to the journal
    throw new FailureError('malformed', { where: 'config' }, { cause: thrown });
  }
}
