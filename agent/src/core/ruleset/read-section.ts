import { FailureError } from '../../wire/failure.ts';
import { ABSOLUTE_PATH } from '../../wire/patterns.ts';
import { Reading } from '../reading.ts';
import type { ReadableSection } from './section.ts';

export const TABLE_NAME = /^(ip|ip6|inet|arp|bridge|netdev)\/[A-Za-z0-9_.\\/-]{1,128}$/;
export const CHAIN_PATTERN = /^[A-Za-z0-9_.-]{1,28}\*?$/;
export const BUILT_IN =
  /^(filter|nat|mangle|raw|security)\/(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)$/;
/** dev_valid_name() of the kernel: at most 15 bytes, no slash, colon or space. */
export const INTERFACE_NAME = /^(?!\.{1,2}$)[^\s/:]{1,15}$/;
/** What NixOS’s own firewall makes. */
export const DECLARED_CHAINS = ['nixos-fw*'];

/** The section of a backend whose ruleset can be read; `unsupported` of any other, `malformed` where it is none. */
export function readableSection(written: unknown): ReadableSection {
  const section = new Reading(written, 'checks.firewall');
  const backend = section.field('backend').text(/^(nftables|iptables|firewalld|none)$/);
  const interfaces = section.field('interfaces').or([], (given) => given.texts(INTERFACE_NAME));
  const reference = section.field('reference');
  if (backend === 'nftables') {
    const tables = section.field('tables').texts(TABLE_NAME);
    const file = reference.or(null, (given) => given.field('file').text(ABSOLUTE_PATH));
    return { backend, tables, interfaces, ...(file !== null && { reference: { file } }) };
  }
  if (backend !== 'iptables') throw new FailureError('unsupported', { backend });
  const names = (field: string, pattern: RegExp, otherwise: string[] = []) =>
    section.field(field).or(otherwise, (given) => given.texts(pattern));
  const script = reference.or(null, (given) => given.field('script').text(ABSOLUTE_PATH));
  return {
    backend,
    chains: names('chains', CHAIN_PATTERN, DECLARED_CHAINS),
    policies: names('policies', BUILT_IN),
    preceding: names('preceding', CHAIN_PATTERN),
    interfaces,
    ...(script !== null && { reference: { script } }),
  };
}
