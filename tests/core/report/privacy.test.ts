import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CHECKS } from '../../../agent/src/checks/index.ts';
import { changedStates } from '../../../agent/src/core/changes.ts';
import type { Host } from '../../../agent/src/core/host.ts';
import { concludeCheck } from '../../../agent/src/core/judge.ts';
import { derivedFiles } from '../../../agent/src/core/report/derived.ts';
import { entryOf } from '../../../agent/src/core/report/entry.ts';
import { observe } from '../../../agent/src/effects/observe.ts';
import { Bundle } from '../../../agent/src/wire/evidence.ts';
import { FailureError } from '../../../agent/src/wire/failure.ts';
import { fixtureHost } from '../../support/fixture-host.ts';
import { CONTROLS, chainOf, type Event, PARAMETERS } from '../../support/report.ts';
import { FIXTURES } from '../../support/suite.ts';

const PLANTED = ['Maria Beispiel', 'MRN-0047110815', '/srv/patients/beispiel-maria.dcm'];
const NOTE = `\n# ${PLANTED.join(' ')}\n`;

/** How a host comes to say such a thing; gives how often it did. */
const ways: [title: string, plant: (host: Host, said: () => void) => Host][] = [
  [
    'in every file that is read and every output of a tool',
    (host, said) =>
      ({
        ...host,
        read: async (path, options) => {
          const text = await host.read(path, options);
          said();
          return Buffer.isBuffer(text)
            ? Buffer.concat([text, Buffer.from(NOTE)])
            : `${text}${NOTE}`;
        },
        run: async (command) => {
          const result = await host.run(command);
          said();
          return { ...result, stdout: `${result.stdout}${NOTE}` };
        },
      }) as Host,
  ],
  [
    'in the message of a failure that has a code',
    (host, said) => {
      const refuse = async (): Promise<never> => {
        said();
        throw new FailureError('tool_failed', { exit_code: 1 }, { message: PLANTED.join(' ') });
      };
      return {
        ...host,
        read: refuse,
        run: refuse,
        link: refuse,
        list: refuse,
        stat: refuse,
        probe: refuse,
      };
    },
  ],
  [
    'beside what a probe is to answer',
    (host, said) => ({
      ...host,
      probe: async (name) => {
        said();
        return { ...((await host.probe(name)) as object), note: NOTE, patients: PLANTED };
      },
    }),
  ],
];

for (const [title, plant] of ways) {
  test(`names and numbers of patients ${title} reach no evidence and no report`, async () => {
    let said = 0;
    const events: Event[] = [];
    for (const check of CHECKS)
      for (const state of readdirSync(join(FIXTURES, check.id), { withFileTypes: true })) {
        if (!state.isDirectory()) continue;
        const { host, section, now } = fixtureHost(check.id, state.name);
        if (section === undefined) continue;
        const planted = (signal?: AbortSignal) =>
          plant(host(signal), () => {
            said += 1;
          });
        const expected = check.expectation.parse(section);
        const seen = await observe(check, { host: planted, section: expected, now });
        const current = [concludeCheck(seen, { exceptions: [], now })];
        const span = { start: now, end: now };
        const citations = () => check.citations;
        const drafts = changedStates({ previous: new Map(), current, citations, span });
        for (const { timestamp_start: _, timestamp_end: __, ...draft } of drafts)
          events.push([`12:00:${String(events.length % 60).padStart(2, '0')}`, draft]);
      }
    assert.ok(said > 5, 'the host said it');
    const chain = chainOf(events);
    const entries = chain.map(({ bytes, sha256 }) =>
      entryOf(Bundle.parse(JSON.parse(bytes.toString())), { sha256, received_at: null }),
    );
    const { files } = derivedFiles({ entries, parameters: PARAMETERS, controls: CONTROLS });
    const all = [
      ...chain.map(({ bytes }) => bytes),
      ...files.map(({ parts }) => Buffer.concat([...parts])),
    ];
    for (const bytes of all)
      for (const planted of PLANTED)
        assert.not.ok(bytes.includes(planted), `${planted} in ${bytes.toString().slice(0, 300)}`);
  });
}

test.run();
