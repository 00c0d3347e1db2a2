import { createPlatformVerifier } from '../../../core/ed25519.ts';
import { openBundle } from '../../../core/record.ts';
import { openReader } from '../../../effects/store/reader.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { trustedKeys } from '../keys/trusted.ts';
import { type StateOptions, stateDirOf } from '../state.ts';

type ShowOptions = StateOptions & {
  readonly publicKey?: string;
  readonly raw?: boolean;
  readonly json?: boolean;
};

export async function showEvidence(id: string, options: ShowOptions): Promise<void> {
  const reader = openReader({ stateDir: await stateDirOf(options) });
  try {
    const row = reader.find(id);
    if (row === null) throw new Exit(EXIT.failed, `no bundle ${id}`);
    const { bytes, signature, folder } = reader.files(row);
    const verifiers = (await trustedKeys(options)).map(createPlatformVerifier);
    const opened = openBundle({ bytes, signature, verifiers });
    if (!opened.ok) throw new Exit(EXIT.failed, `${folder}: refused (${opened.reason})`);
    if (options.raw) process.stdout.write(bytes);
    else if (options.json) console.log(JSON.stringify(opened.bundle, null, 2));
    else console.log((await import('../../../terminal/bundle-text.ts')).bundleText(opened.bundle));
  } finally {
    reader.close();
  }
}
