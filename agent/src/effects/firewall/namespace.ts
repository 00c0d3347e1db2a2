import { readFile } from 'node:fs/promises';
import { parseIptablesSave } from '../../core/ruleset/iptables-text.ts';
import type { ReadableSection } from '../../core/ruleset/section.ts';
import { FailureError } from '../../wire/failure.ts';
import { listKernel } from './listing.ts';
import { runTool } from './tool.ts';

/** Made by the kernel in every namespace where `net.core.fb_tunnels_only_for_init_net` is 0; they are down and bare. */
const FALLBACK = /^(lo|sit0|tunl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|ip6tnl0|ip6gre0)$/;

/**
 * Throws `rejected` unless this process’s network namespace is a fresh one: no interface but the loopback, no table.
 * Whatever is loaded by mistake into a namespace with traffic would be that host’s firewall.
 */
export async function requireEmptyNamespace(
  section: ReadableSection,
  signal: AbortSignal,
): Promise<void> {
  // Not /sys/class/net: a sysfs mounted elsewhere goes on showing its own namespace.
  const devices = await readFile('/proc/self/net/dev', 'utf8');
  const names = [...devices.matchAll(/^\s*([^\s:]+):/gm)].map(([, name = '']) => name);
  if (names.some((name) => !FALLBACK.test(name))) throw refused('it has interfaces');

  const raw = await listKernel(section, signal);
  const holdsRules =
    raw.backend === 'nftables'
      ? /"table"/.test(raw.json)
      : [raw.v4, raw.v6].some((text) =>
          [...parseIptablesSave(text).values()].some((chains) =>
            [...chains.values()].some(({ policy, rules }) => policy === null || rules.length > 0),
          ),
        );
  if (holdsRules) throw refused('it has rules');
}

/** An interface by name for rules that ask for its index (`iif`, `oif`) and for devices of flowtables. */
export async function addPlaceholder(name: string, signal: AbortSignal): Promise<void> {
  const add = (type: string) =>
    runTool({ tool: 'ip', args: ['link', 'add', 'name', name, 'type', type], signal });
  // Not every kernel has the dummy module.
  await add('dummy').catch(() => add('bridge'));
}

function refused(why: string): FailureError {
  return new FailureError('rejected', { reason: `the network namespace is not empty: ${why}` });
}
