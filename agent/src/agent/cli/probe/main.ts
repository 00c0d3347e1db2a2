import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { answerProbe } from '../../../effects/probes/answer.ts';
import type { ProbeName } from '../../../wire/probe.ts';
import { readSections } from './sections.ts';

const STDOUT = 1;

export type ProbeRun = { readonly config?: string | undefined; readonly root: string };

/** Writes one document to standard output, which is the socket. A failure is a document too, so the exit code is 0. */
export async function runProbe(name: ProbeName, { config, root }: ProbeRun): Promise<void> {
  const document = await answerProbe(name, { root, sections: () => readSections(config) });
  // A socket is ended from our side, so that whoever asked need not wait until this process is gone.
  const output = fstatSync(STDOUT).isSocket() ? new Socket({ fd: STDOUT, readable: false }) : null;
  (output ?? process.stdout).on('error', () => {}); // EPIPE: whoever asked has gone, which is no failure of the look
  if (output === null) process.stdout.write(document);
  else output.end(document);
}
