import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  controlsHeld,
  expressed,
  filled,
  preparePeer,
  runPeer,
} from '../../agent/bench/peers/peer.ts';
import { PEERS } from '../../agent/bench/peers/peers.ts';
import { type Control, writeSubject } from '../../agent/bench/peers/subject.ts';
import { buildClinic } from '../../agent/demo/clinic.ts';
import { setStage } from '../../agent/demo/stage.ts';
import { widenPath } from '../../agent/demo/tools.ts';
import { testWith } from '../support/suite.ts';

const tools = [
  'cf-agent',
  'oscap',
  'monit',
  'ansible-playbook',
  'nft',
  'ip',
  'journalctl',
  'unshare',
];

testWith(
  { tools, root: true },
  'each peer sees each control break, and that the others hold',
  async () => {
    widenPath();
    const stage = setStage();
    try {
      const now = new Date();
      const wanted = ['antivirus', 'logging', 'firewall'];
      const config = stage.path('config.yaml');
      const clinic = await buildClinic(stage, { config, now, wanted });
      const violate = (id: string, title: string) => () =>
        clinic.controls
          .find((control) => control.id === id)
          ?.violations.find((violation) => violation.title === title)
          ?.violate();
      const folder = stage.path('peers', 'any', '..');
      mkdirSync(folder, { recursive: true });
      const subject = writeSubject({
        folder,
        service: stage.path('antivirus', 'demo-antivirusd'),
        enter: clinic.namespaces?.enter ?? [],
        mib: { binary: 1, backup: 1 },
      });
      const at = (name: string) => join(folder, name);
      const seconds = now.getTime() / 1000;
      const aged = (days: number) => utimesSync(at('backup'), seconds, seconds - days * 86_400);
      // Each stays broken unless it is mended.
      const breaks: [control: Control, violate: () => unknown, mend?: () => unknown][] = [
        ['backup', () => aged(2), () => aged(0)],
        ['backup', () => appendFileSync(at('backup'), 'x')],
        ['service', violate('antivirus', 'the service is killed')],
        ['binary', () => appendFileSync(at('binary'), 'x')],
        ['volume', () => writeFileSync(at('volume'), 'CRYPT-PLAIN-data\n')],
        ['ruleset', violate('firewall', 'a rule lets telnet in')],
        ['canary', violate('logging', 'journald is killed')],
      ];
      const commands = PEERS.map((peer) => ({ peer, command: preparePeer(peer, subject) }));
      const held = async (quick: boolean) => {
        const able = commands.filter(({ peer }) => !quick || !peer.name.startsWith('ansible')); // seconds a run
        const runs = able.map(async ({ peer, command }) => ({
          peer,
          held: controlsHeld(peer, await runPeer(command)),
        }));
        return Promise.all(runs);
      };
      const broken = new Set<Control>();
      for (const { peer, held: controls } of await held(false))
        assert.equal(controls, expressed(peer), `${peer.name}, all hold`);
      for (const [control, violation, mend] of breaks) {
        violation();
        broken.add(control);
        for (const { peer, held: controls } of await held(control !== 'canary'))
          assert.equal(
            controls,
            expressed(peer).filter((one) => !broken.has(one)),
            `${peer.name}, ${[...broken].join(', ')} broken`,
          );
        if (mend === undefined) continue;
        mend();
        broken.delete(control);
      }
    } finally {
      await stage.strike({ keep: false });
    }
  },
);

test('a policy that asks for what no subject has is refused', () => {
  assert.is(filled('hash @a_1@ of @b@', { a_1: 'x', b: 'y' }), 'hash x of y');
  assert.throws(() => filled('@absent@', {}), /absent/);
});

test.run();
