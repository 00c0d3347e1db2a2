import { readDocument } from '../../../effects/document.ts';
import { BaselineEnvelope } from '../../../wire/baseline.ts';
import { FailureError } from '../../../wire/failure.ts';
import { InputError, parseInput } from '../../../wire/input.ts';
import { DEFAULT_CONFIG, readSettings } from '../../settings.ts';

/**
 * The baseline’s sections by check id, as they are written: a probe parses its own, and loads no other check to answer
 * sooner. What is wrong with settings or baseline is for `config check` to say in full; the probe’s document only says
 * that it could not use them.
 */
export async function readSections(config: string | undefined): Promise<Record<string, unknown>> {
  try {
    const read = await readSettings({ file: config, env: process.env });
    if (!read.ok) throw new InputError(config ?? DEFAULT_CONFIG, read.issues);
    const { baseline_path: path } = read.settings;
    return parseInput(BaselineEnvelope, await readDocument(path), path).checks;
  } catch (thrown) {
    if (!(thrown instanceof InputError)) throw thrown;
    console.error(thrown.message); // to the journal
    throw new FailureError('malformed', { where: 'config' }, { cause: thrown });
  }
}
