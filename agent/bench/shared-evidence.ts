import { execFileSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { layout } from '../src/effects/store/folders.ts';
import { runAgent } from './command.ts';
import { WORK } from './programs.ts';

const PROGRAM = fileURLToPath(new URL('./write-evidence.js', import.meta.url));

/** A state folder with evidence, and the public key that it verifies with. */
export type Evidence = {
  readonly stateDir: string;
  readonly evidence: string;
  readonly key: string;
};

/** Writes a chain of so many bundles below a folder, in a process of its own. */
export function writeEvidenceApart(folder: string, bundles: number): Evidence {
  execFileSync(process.execPath, [PROGRAM, folder, String(bundles)], { stdio: 'inherit' });
  return evidenceOf(folder);
}

/** As many bundles for every measurement of a run that only reads them: writing takes longer than reading. */
export function sharedEvidence(bundles: number): Evidence {
  const folder = join(WORK, `evidence-${bundles}`);
  if (!existsSync(folder)) {
    const fresh = `${folder}.new`;
    writeEvidenceApart(fresh, bundles);
    renameSync(fresh, folder);
  }
  return evidenceOf(folder);
}

/** The same with its index. */
export async function indexedEvidence(bundles: number): Promise<Evidence> {
  const evidence = sharedEvidence(bundles);
  if (!existsSync(layout(evidence.stateDir).database)) await reindex(evidence);
  return evidence;
}

const reindex = ({ stateDir, key }: Evidence) =>
  runAgent('evidence', 'reindex', '--state-dir', stateDir, '--public-key', key);

const evidenceOf = (folder: string): Evidence => ({
  stateDir: folder,
  evidence: join(folder, 'evidence'),
  key: join(folder, 'host.pem'),
});
