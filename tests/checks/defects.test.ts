import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CHECKS } from '../../agent/src/checks/index.ts';
import type { Host } from '../../agent/src/core/host.ts';
import { observe } from '../../agent/src/effects/observe.ts';
import { fixtureHost } from '../support/fixture-host.ts';

const METHODS = ['read', 'link', 'list', 'stat', 'run', 'probe'] as const;

/** A host one of whose looks has a defect and fails at once, while the others take their time. */
function defective(host: Host, broken: readonly (keyof Host)[]): Host {
  const slow =
    <A extends unknown[], T>(look: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await turn();
      await turn();
      return look(...args);
    };
  const looks = METHODS.map((name) => [
    name,
    broken.includes(name)
      ? () => Promise.reject(new TypeError(`a defect of ${name}`))
      : slow(host[name] as (...args: unknown[]) => Promise<unknown>),
  ]);
  return Object.fromEntries(looks) as unknown as Host;
}

/** What Node would end the daemon for. */
const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => void unhandled.push(reason));

for (const check of CHECKS) {
  for (const broken of [...METHODS.map((name) => [name]), METHODS]) {
    test(`${check.id}: a defect of ${broken.join(', ')} is its own error at most`, async () => {
      const { host, section, now } = fixtureHost(check.id, 'compliant');
      const seen = await observe(check, {
        host: (signal) => defective(host(signal), broken),
        section: check.expectation.parse(section),
        now,
      });
      for (let turns = 0; turns < 10; turns += 1) await turn();
      assert.equal(unhandled.splice(0), []);
      if ('error' in seen && seen.error !== undefined)
        assert.equal(seen.error, { code: 'internal', params: { where: `check.${check.id}` } });
    });
  }
}

test.run();
