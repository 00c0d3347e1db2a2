import { existsSync } from 'node:fs';
import { layout } from '../../../effects/store/folders.ts';
import { type FolderReport, verifyFolder } from '../../../effects/verify/verify.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { withProgress } from '../../../terminal/progress.ts';
import { InputError } from '../../../wire/input.ts';
import { trustedKeys } from '../keys/trusted.ts';
import { type StateOptions, stateDirOf } from '../state.ts';

type VerifyOptions = StateOptions & {
  readonly dir?: string;
  readonly publicKey?: string;
  readonly json?: boolean;
};

export async function verifyEvidence(options: VerifyOptions): Promise<void> {
  const evidence = options.dir ?? layout(await stateDirOf(options)).evidence;
  if (!existsSync(evidence)) {
    const expected = 'expected an evidence folder';
    throw new InputError('command line', [{ field: '--dir', found: evidence, expected }]);
  }
  const publicKeys = await trustedKeys(options);
  const report = withProgress('verifying', (progress) =>
    verifyFolder({ evidence, publicKeys, progress }),
  );
  const words = { proved: proved(report), not_proved: notProved(report) };
  if (options.json) console.log(JSON.stringify({ ...report, ...words }, null, 2));
  else print(report, words);
  if (!report.ok) throw new Exit(EXIT.failed);
}

function print(report: FolderReport, words: { proved: string[]; not_proved: string[] }): void {
  for (const { kind, name, message } of report.folderFaults)
    console.log(`${kind}: ${name}: ${message}`);
  for (const { kind, chain_id, name, message } of report.faults)
    console.log(`${kind}: ${name ?? `end of chain ${chain_id}`}: ${message}`);
  for (const line of words.proved) console.log(`proved: ${line}`);
  for (const line of words.not_proved) console.log(`not proved: ${line}`);
  console.log(report.ok ? 'all hold' : 'not all hold');
}

function proved({ chains, bundles, pruned }: FolderReport): string[] {
  return [
    ...(bundles > 0 ? [`the signatures of ${bundles} bundles`] : []),
    ...chains.map(
      ({ chain_id, first, last, head }) =>
        `chain ${chain_id}: numbers ${first} to ${last}, but for what is named here; its head is ${head}`,
    ),
    ...pruned.map(
      ({ chain_id, first, last }) =>
        `chain ${chain_id}: numbers ${first} to ${last} were pruned, and a signed bundle says so`,
    ),
  ];
}

function notProved({ chains, bundles, folderFaults }: FolderReport): string[] {
  if (bundles === 0) return ['anything: no bundle here verifies with this key'];
  return [
    ...chains
      .slice(-1)
      .map(
        ({ chain_id, last }) =>
          `that nothing followed number ${last} of chain ${chain_id}: compare with the server’s signed head`,
      ),
    'that the times are right: the host’s own clock gave them; receipts say when a server had them',
    ...(folderFaults.length > 0 ? [`anything about the ${folderFaults.length} named folders`] : []),
  ];
}
