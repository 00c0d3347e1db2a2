import { join } from 'node:path';
import { readListing } from '../../core/ruleset/listing.ts';
import type { ReferenceListing } from '../../core/ruleset/listing-schema.ts';
import { missingInterfaces } from '../../core/ruleset/nft-errors.ts';
import type { ReadableSection } from '../../core/ruleset/section.ts';
import { FailureError } from '../../wire/failure.ts';
import { runToEnd } from '../program.ts';
import { listKernel } from './listing.ts';
import { addPlaceholder, requireEmptyNamespace } from './namespace.ts';
import { runTool, toolFailure, tryTool } from './tool.ts';

/** Placeholders are made as nft asks for them; a ruleset that names more interfaces than this does not load. */
const MAX_ROUNDS = 32;

type Load = {
  readonly section: ReadableSection;
  /** Taken for `/` by the paths of file and script. */
  readonly root: string;
  readonly signal: AbortSignal;
};

/**
 * Loads the declared ruleset into this process’s network namespace, which must be empty, and lists what the kernel made
 * of it. Needs CAP_NET_ADMIN; the namespace is the caller’s to drop. Throws `FailureError`.
 */
export async function loadReference({ section, root, signal }: Load): Promise<ReferenceListing> {
  if (section.reference === undefined) throw new FailureError('absent', { where: 'reference' });
  await requireEmptyNamespace(section, signal);
  for (const name of section.interfaces) await addPlaceholder(name, signal);
  if (section.backend === 'nftables') {
    const file = join(root, section.reference.file);
    await loadFile(file, section.interfaces, signal);
  } else {
    await runScript(join(root, section.reference.script), signal);
  }
  const { document } = readListing(await listKernel(section, signal), section);
  const text = section.backend === 'nftables' ? await listText(section.tables, signal) : null;
  return { document, text };
}

async function loadFile(
  file: string,
  interfaces: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const made = new Set(interfaces);
  for (let round = 0; ; round++) {
    const answer = await tryTool({ tool: 'nft', args: ['-f', file], signal });
    if (answer.exitCode === 0) return;
    const wanted = missingInterfaces(answer.stderr).filter((name) => !made.has(name));
    if (wanted.length === 0 || round === MAX_ROUNDS) throw toolFailure('nft', answer);
    for (const name of wanted) {
      await addPlaceholder(name, signal);
      made.add(name);
    }
  }
}

/** The module’s script is a program of the host’s own configuration; here it changes an empty namespace only. */
async function runScript(script: string, signal: AbortSignal): Promise<void> {
  const tool = 'reference script';
  const { exitCode } = await runToEnd({ program: script, tool, args: [], signal });
  if (exitCode !== 0) throw new FailureError('tool_failed', { tool, exit_code: exitCode });
}

/** What the remedy loads: nft’s own text, without state, of the declared tables and nothing else. */
async function listText(tables: readonly string[], signal: AbortSignal): Promise<string> {
  const texts: string[] = [];
  for (const table of tables) {
    const [family = '', name = ''] = table.split('/');
    texts.push(await runTool({ tool: 'nft', args: ['-s', 'list', 'table', family, name], signal }));
  }
  return texts.join('');
}
