import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Control } from '../control.ts';

const RULESET = `table inet nixos-fw {
  set admins { type ipv4_addr; flags interval; elements = { 10.20.0.0/16, 192.0.2.10 } }
  chain input {
    type filter hook input priority filter; policy drop;
    iif "lo" accept
    ct state vmap { invalid : drop, established : accept, related : accept }
    tcp dport 22 ip saddr @admins counter accept
    tcp dport { 443, 8443 } accept
  }
  chain forward { type filter hook forward priority filter; policy drop; }
}
`;

/** The kernel’s own ruleset in a network namespace of the demo’s. */
export function firewallControl({
  folder,
  enter,
}: {
  folder: string;
  enter: readonly string[];
}): Control {
  const file = join(folder, 'ruleset.nft');
  writeFileSync(file, RULESET);
  const nft = (...args: string[]) => {
    const [program = '', ...before] = enter;
    execFileSync(program, [...before, 'nft', ...args]);
  };
  nft('-f', file);

  return {
    id: 'firewall',
    section: { backend: 'nftables', tables: ['inet/nixos-fw'], reference: { file } },
    real: 'the kernel’s ruleset in a network namespace, and its reference',
    simulated: '',
    violations: [
      {
        title: 'a rule lets telnet in',
        finding: 'rule_added',
        heals: true,
        violate: () => nft('add rule inet nixos-fw input tcp dport 23 accept'),
        restore: () => {},
      },
    ],
  };
}
