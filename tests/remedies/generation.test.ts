import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Host } from '../../agent/src/core/host.ts';
import type { Done, Hands, Step } from '../../agent/src/core/remedy.ts';
import { updateToBaselineGeneration } from '../../agent/src/remedies/update-to-baseline-generation.ts';
import { FailureError } from '../../agent/src/wire/failure.ts';

const store = (digit: number) =>
  `/nix/store/${String(digit).repeat(32)}-nixos-system-clinic-${digit}`;
const [OLD, NEW, ROGUE] = [store(1), store(2), store(3)];

/** A host whose tools do what NixOS’s do, unless told to go wrong. */
type Machine = {
  links: Record<string, string>;
  failed: string[];
  accepted: string | null;
  noted: { generation: string; target: string } | null;
  steps: string[];
  /** Exit code of a step by its action; 1 and above does nothing, 4 does it all the same. */
  exits: Record<string, number>;
  /** What happens after a switch to NEW. */
  after: (machine: Machine) => void;
};

function machine(change: Partial<Machine> = {}): Machine {
  return {
    links: {
      '/run/current-system': OLD,
      '/nix/var/nix/profiles/system': 'system-1-link',
      '/nix/var/nix/profiles/system-1-link': OLD,
    },
    failed: ['unrelated.service'],
    accepted: NEW,
    noted: null,
    steps: [],
    exits: {},
    after: () => {},
    ...change,
  };
}

function handsOf(of: Machine): Hands {
  const host = {
    async link(path: string) {
      const target = of.links[path];
      if (target === undefined) throw new FailureError('absent', {});
      return target;
    },
    run: async ({ name }: { name: string }) => ({
      exitCode: 0,
      stdout:
        name === 'failed_units' ? of.failed.map((unit) => `${unit} loaded failed\n`).join('') : '',
    }),
  } as unknown as Host;
  return {
    host,
    async run({ action, command, accept = [] }: Step) {
      of.steps.push(action);
      const exitCode = of.exits[action] ?? 0;
      if (exitCode === 0 || exitCode === 4) act(of, command);
      return { exitCode, ok: exitCode === 0 || accept.includes(exitCode) };
    },
    perform: (_, work) => work(),
    restoreFirewall: () => Promise.reject(new Error('not this remedy')),
    writeCanary: () => Promise.reject(new Error('not this remedy')),
    noteRollback: (to) => {
      of.noted = to;
    },
    acceptGeneration: (path) => {
      of.accepted = path;
    },
    pause: async () => {},
  };
}

function act(of: Machine, command: readonly string[]): void {
  const [program = '', ...args] = command.slice(command.indexOf('--') + 1);
  const profile = '/nix/var/nix/profiles/system';
  if (program === 'nix-env' && args[2] === '--set') {
    of.links[`${profile}-2-link`] = args[3] ?? '';
    of.links[profile] = 'system-2-link';
  } else if (program === 'nix-env') of.links[profile] = `system-${args[3]}-link`;
  else if (args[0] === 'switch') {
    const system = program.replace('/bin/switch-to-configuration', '');
    of.links['/run/current-system'] = system;
    if (system === NEW) of.after(of);
  }
}

function run(of: Machine, params: Record<string, string> = {}): Promise<Done> {
  return updateToBaselineGeneration.run({
    hands: handsOf(of),
    now: new Date(0),
    section: {},
    params,
    accepted: of.accepted,
    healthTimeout: 5,
  });
}

const running = (of: Machine) => of.links['/run/current-system'];
const profile = (of: Machine) => of.links['/nix/var/nix/profiles/system'];

const cases: [
  title: string,
  change: Partial<Machine>,
  outcome: string,
  system: string | undefined,
  link: string,
  steps: string[],
][] = [
  [
    'it switches to the accepted generation',
    {},
    'success',
    NEW,
    'system-2-link',
    ['pre_switch_check', 'set_profile', 'switch'],
  ],
  [
    'a refused check defers and changes nothing',
    { exits: { pre_switch_check: 1 } },
    'deferred',
    OLD,
    'system-1-link',
    ['pre_switch_check'],
  ],
  [
    'an inhibited check defers',
    { exits: { pre_switch_check: 100 } },
    'deferred',
    OLD,
    'system-1-link',
    ['pre_switch_check'],
  ],
  [
    'a switch that an inhibitor forbids is deferred, the profile as before',
    { exits: { switch: 100 } },
    'deferred',
    OLD,
    'system-1-link',
    ['pre_switch_check', 'set_profile', 'switch', 'put_back_profile'],
  ],
  [
    'a profile that cannot be set is put back',
    { exits: { set_profile: 1 } },
    'reverted',
    OLD,
    'system-1-link',
    ['pre_switch_check', 'set_profile', 'put_back_profile'],
  ],
  [
    'a failed switch is taken back whole',
    { exits: { switch: 1 } },
    'reverted',
    OLD,
    'system-1-link',
    ['pre_switch_check', 'set_profile', 'switch', 'put_back_profile', 'switch_back'],
  ],
  [
    'exit code 2 likewise',
    { exits: { switch: 2 } },
    'reverted',
    OLD,
    'system-1-link',
    ['pre_switch_check', 'set_profile', 'switch', 'put_back_profile', 'switch_back'],
  ],
  [
    'exit code 4 with an unrelated failed unit is a success',
    { exits: { switch: 4 } },
    'success',
    NEW,
    'system-2-link',
    ['pre_switch_check', 'set_profile', 'switch'],
  ],
  [
    'exit code 4 with a unit that the switch broke is taken back',
    { exits: { switch: 4 }, after: (of) => of.failed.push('ehr.service') },
    'reverted',
    OLD,
    'system-1-link',
    ['pre_switch_check', 'set_profile', 'switch', 'put_back_profile', 'switch_back'],
  ],
  [
    'a unit that fails after a good switch is taken back',
    { after: (of) => of.failed.push('ehr.service') },
    'reverted',
    OLD,
    'system-1-link',
    ['pre_switch_check', 'set_profile', 'switch', 'put_back_profile', 'switch_back'],
  ],
  [
    'a failed way back is said',
    {
      exits: { switch: 1, switch_back: 1 },
      links: { ...machine().links, '/run/current-system': ROGUE },
    },
    'failed',
    ROGUE,
    'system-1-link',
    [
      'pre_switch_check',
      'set_profile',
      'switch',
      'put_back_profile',
      'switch_back',
      'switch_back',
      'switch_back',
    ],
  ],
  [
    'a rogue profile link is nothing to go back to; what runs is',
    {
      links: { '/run/current-system': OLD, '/nix/var/nix/profiles/system': '/tmp/evil' },
      after: (of) => of.failed.push('ehr.service'),
    },
    'reverted',
    OLD,
    'system-2-link',
    ['pre_switch_check', 'set_profile', 'switch', 'put_back_profile', 'switch_back'],
  ],
  [
    'where nothing is to go back to, nothing begins',
    { links: { '/nix/var/nix/profiles/system': '/tmp/evil' } },
    'failed',
    undefined,
    '/tmp/evil',
    [],
  ],
  [
    'without an accepted generation nothing begins',
    { accepted: null },
    'failed',
    OLD,
    'system-1-link',
    [],
  ],
  [
    'where it runs and will boot already, nothing is done',
    { accepted: OLD },
    'success',
    OLD,
    'system-1-link',
    [],
  ],
];
for (const [title, change, outcome, system, link, steps] of cases) {
  test(title, async () => {
    const of = machine(change);
    assert.is((await run(of)).outcome, outcome);
    assert.equal([running(of), profile(of), of.steps], [system, link, steps]);
  });
}

test('an order’s generation becomes the accepted one only once it runs healthy', async () => {
  const good = machine({ accepted: OLD });
  assert.is((await run(good, { generation: NEW })).outcome, 'success');
  assert.is(good.accepted, NEW);
  const bad = machine({ accepted: OLD, after: (of) => of.failed.push('ehr.service') });
  assert.is((await run(bad, { generation: NEW })).outcome, 'reverted');
  assert.is(bad.accepted, OLD);
});

test('where it goes back to is kept before the first change', async () => {
  const of = machine({ exits: { set_profile: 1 } });
  await run(of);
  assert.equal(of.noted, { generation: OLD, target: NEW });
});

const interrupted: [
  title: string,
  links: Record<string, string>,
  after: string[],
  outcome: string,
  system: string,
][] = [
  ['before anything was changed', {}, [], 'failed', OLD],
  [
    'after the profile was set',
    { '/nix/var/nix/profiles/system': 'system-2-link' },
    [],
    'reverted',
    OLD,
  ],
  [
    'after the switch, healthy',
    { '/nix/var/nix/profiles/system': 'system-2-link', '/run/current-system': NEW },
    [],
    'success',
    NEW,
  ],
  [
    'after the switch, with a failed unit',
    { '/nix/var/nix/profiles/system': 'system-2-link', '/run/current-system': NEW },
    ['ehr.service'],
    'reverted',
    OLD,
  ],
  ['half taken back', { '/run/current-system': NEW }, [], 'reverted', OLD],
];
for (const [title, links, failed, outcome, system] of interrupted) {
  test(`cut off ${title}: the host is whole afterwards`, async () => {
    const of = machine({
      links: { ...machine().links, '/nix/var/nix/profiles/system-2-link': NEW, ...links },
      failed,
    });
    const done = await updateToBaselineGeneration.settle?.(
      {
        now: new Date(0),
        hands: handsOf(of),
        section: {},
        params: {},
        accepted: NEW,
        healthTimeout: 5,
      },
      { rollback: OLD, target: NEW },
    );
    assert.is(done?.outcome, outcome);
    const link = `/nix/var/nix/profiles/${profile(of)}`;
    assert.equal([running(of), of.links[link]], [system, system]);
  });
}

test.run();
