import type { Peer } from './peer.ts';
import { CONTROLS, type Control } from './subject.ts';

const isControl = (word: string): word is Control => CONTROLS.some((control) => control === word);

/** Words after `holds:` on any line. */
const afterHolds = ({ said }: { said: string }) =>
  [...said.matchAll(/holds: ([a-z ]+)/g)]
    .flatMap(([, words = '']) => words.split(' '))
    .filter(isControl);

/** What Debian has of programs that judge a host’s state. */
export const PEERS: readonly Peer[] = [
  {
    name: 'cf-agent',
    packages: ['cfengine3'],
    policy: ['cfengine.cf'],
    cannot: {},
    command: (at) => ['cf-agent', '--no-lock', '--file', at('cfengine.cf')],
    held: afterHolds,
  },
  {
    name: 'oscap',
    packages: ['openscap-scanner'],
    policy: ['oscap-benchmark.xml', 'oscap-oval.xml', 'oscap-ruleset.sh', 'oscap-canary.sh'],
    cannot: {},
    command: (at) => ['oscap', 'xccdf', 'eval', at('oscap-benchmark.xml')],
    held: ({ said }) =>
      [...said.matchAll(/^Title\s+(\w+)\nRule[^\n]*\nResult\s+pass$/gm)]
        .map(([, title = '']) => title)
        .filter(isControl),
  },
  {
    name: 'monit',
    packages: ['monit'],
    policy: ['monit.rc'],
    cannot: {
      ruleset: 'it judges a program’s end in the cycle after the one that started it',
      canary: 'the same',
    },
    command: (at) => ['monit', '-c', at('monit.rc')],
    // It is silent about what holds, and writes a line about each thing that does not.
    held: ({ said, code }) =>
      code === 0 ? CONTROLS.filter((control) => !said.includes(`'${control}'`)) : [],
  },
  {
    name: 'ansible --check',
    packages: ['ansible-core'],
    policy: ['ansible.yml'],
    cannot: {},
    command: (at) => [
      ...['ansible-playbook', '--check', '--inventory', 'localhost,', at('ansible.yml')],
    ],
    held: afterHolds,
  },
];

/** `time` counts for all of them. */
export const PEER_PACKAGES = [...PEERS.flatMap(({ packages }) => packages), 'time'];
