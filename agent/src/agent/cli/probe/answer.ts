import { EXIT, Exit } from '../../../terminal/exit.ts';
import { isProbe, PROBES } from '../../../wire/probe.ts';
import type { ProbeOptions } from './index.ts';
import { runProbe } from './main.ts';

export async function answer(name: string, options: ProbeOptions): Promise<void> {
  if (!isProbe(name))
    throw new Exit(EXIT.usage, `no probe ${name}: expected one of ${PROBES.join(', ')}`);
  await runProbe(name, options);
}
