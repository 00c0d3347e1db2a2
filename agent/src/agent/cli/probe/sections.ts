import { readFile } from 'node:fs/promises';
import { decodeJson } from '../../../core/json.ts';
import { Reading } from '../../../core/reading.ts';
import { FailureError } from '../../../wire/failure.ts';
import { DEFAULT_BASELINE, DEFAULT_CONFIG } from '../../../wire/paths.ts';
import { ABSOLUTE_PATH } from '../../../wire/patterns.ts';

/**
 * The baseline’s sections by check id, as they are written: a probe reads what it needs of its own, and of the settings
 * only where the baseline lies. What is wrong with either is for `config check` to say in full; here it is `malformed`,
 * and the journal has the rest.
 */
export async function readSections(config: string | undefined): Promise<Record<string, unknown>> {
  try {
    const path = process.env.COMPLIANCE_AGENT_BASELINE_PATH || (await baselinePath(config));
    const baseline = new Reading((await readWritten(path)) ?? {}, 'config');
    baseline.field('version').integer(1, 1);
    const sections = baseline
      .field('checks')
      .or([], (given) => given.entries(({ value }) => value));
    return Object.fromEntries(sections);
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    console.error(thrown.message); // to the journal
    throw new FailureError('malformed', { where: 'config' }, { cause: thrown });
  }
}

/** Settings that nobody named may be missing. */
async function baselinePath(config: string | undefined): Promise<string> {
  const settings = await readWritten(config ?? DEFAULT_CONFIG).catch((error: unknown) => {
    if (config === undefined && isMissing(error)) return {};
    throw error;
  });
  const path = new Reading(settings ?? {}, 'config').field('baseline_path');
  return path.or(DEFAULT_BASELINE, (given) => given.text(ABSOLUTE_PATH));
}

const isMissing = (error: unknown) =>
  error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';

/** JSON, as the Nix module writes it, is read at once; for anything else YAML’s parser is loaded. */
async function readWritten(path: string): Promise<unknown> {
  const json = decodeJson(await readFile(path).catch(() => Buffer.alloc(0)));
  if (json !== undefined) return json;
  const { readDocument } = await import('../../../effects/document.ts');
  return readDocument(path);
}
