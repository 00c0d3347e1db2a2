import { readFile } from 'node:fs/promises';
import { load } from 'js-yaml';
import { z } from 'zod';
import { parseBaseline } from '../../../checks/baseline.ts';
import { parseInput } from '../../../wire/input.ts';
import { environmentSettings } from '../../../wire/settings.ts';

const Named = z.looseObject({ baseline_path: environmentSettings.baseline_path });

/** The baseline’s sections by check id, from the file that the settings name. */
export async function readSections(config: string): Promise<Record<string, unknown>> {
  const { baseline_path } = parseInput(Named, (await readYaml(config)) ?? {}, config);
  return parseBaseline(await readYaml(baseline_path), baseline_path).checks;
}

async function readYaml(file: string): Promise<unknown> {
  return load(await readFile(file, 'utf8'), { filename: file });
}
