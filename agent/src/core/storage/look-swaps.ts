import { toFailure } from '../../wire/failure.ts';
import type { Host } from '../host.ts';
import type { EncryptionFacts } from './facts.ts';
import { parseSwaps, type Swap } from './mounts.ts';
import type { Protection } from './protection.ts';
import type { EncryptionSection } from './section.ts';
import type { StorageStack } from './stack.ts';

type Entry = { readonly device: string; readonly name: string | null };

/** Each active swap area, what protects it, and which entry of the baseline it meets by kernel name or by path. */
export async function lookAtSwaps({
  host,
  stack,
  expected,
}: {
  host: Host;
  stack: StorageStack;
  expected: EncryptionSection;
}): Promise<Pick<EncryptionFacts, 'swaps' | 'unresolved_swaps'>> {
  const active = parseSwaps(await host.read('/proc/swaps'));
  const named = expected.swaps.filter(({ device }) => device !== 'all');
  const entries = await Promise.all(
    named.map(async ({ device }): Promise<Entry> => {
      return { device, name: await stack.kernelName(device).catch(() => null) };
    }),
  );
  const rest = named.length < expected.swaps.length ? 'all' : null;

  const swaps = await Promise.all(
    active.map(async (swap) => {
      const { device, protection } = await lookAtSwap(swap, stack);
      const entry = entries.find((one) => one.device === swap.path || one.name === device);
      return { device, declared: entry?.device ?? rest, protection };
    }),
  );
  const met = new Set(swaps.map(({ declared }) => declared));
  const unresolved = entries.filter(({ device, name }) => name === null && !met.has(device));
  return { swaps, unresolved_swaps: unresolved.map(({ device }) => device) };
}

async function lookAtSwap(
  swap: Swap,
  stack: StorageStack,
): Promise<{ device: string; protection: Protection }> {
  const label = swap.kind === 'file' ? 'file' : 'unknown';
  try {
    const names = await stack.devicesOfSwap(swap);
    const device = swap.kind === 'file' ? label : (names[0] ?? label);
    return { device, protection: await stack.protection(names) };
  } catch (error) {
    return {
      device: label,
      protection: { state: 'unseen', error: toFailure(error, 'core/storage') },
    };
  }
}
