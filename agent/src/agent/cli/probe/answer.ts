import { answerProbe } from '../../../effects/probes/answer.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { PROBES, ProbeName } from '../../../wire/probe.ts';
import type { ProbeOptions } from './index.ts';
import { readSections } from './sections.ts';

/** Writes one document to standard output, which is the socket. A failure is a document too, so the exit code is 0. */
export async function answer(name: string, { config, root }: ProbeOptions): Promise<void> {
  const probe = ProbeName.safeParse(name);
  if (!probe.success) {
    throw new Exit(EXIT.usage, `no probe ${name}: expected one of ${PROBES.join(', ')}`);
  }
  const document = await answerProbe(probe.data, { root, sections: () => readSections(config) });
  process.stdout.on('error', () => {}); // EPIPE: whoever asked has gone, which is no failure of the look
  process.stdout.write(document);
}
