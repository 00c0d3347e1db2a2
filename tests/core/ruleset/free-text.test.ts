import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutFreeText } from '../../../agent/src/core/ruleset/free-text.ts';
import type { Json } from '../../../agent/src/wire/primitives.ts';

const cases: [title: string, rule: Json, shown: Json][] = [
  [
    'the comment of a rule',
    { comment: 'Maria at home', expr: [{ accept: null }] },
    { comment: '(text)', expr: [{ accept: null }] },
  ],
  [
    'the comment of an element',
    [{ elem: { val: '192.0.2.7', comment: 'Maria' } }],
    [{ elem: { val: '192.0.2.7', comment: '(text)' } }],
  ],
  [
    'the prefix of a log statement, and not a network',
    { expr: [{ log: { prefix: 'Maria ' } }, { prefix: { addr: '10.0.0.0', len: 8 } }] },
    { expr: [{ log: { prefix: '(text)' } }, { prefix: { addr: '10.0.0.0', len: 8 } }] },
  ],
  [
    'the texts of an iptables rule',
    '-A nixos-fw -p tcp -m comment --comment "Maria \\"at\\" home" -j LOG --log-prefix Maria: --log-level 6',
    '-A nixos-fw -p tcp -m comment --comment (text) -j LOG --log-prefix (text) --log-level 6',
  ],
  [
    'a rule without any',
    '-A nixos-fw -i lo -j nixos-fw-accept',
    '-A nixos-fw -i lo -j nixos-fw-accept',
  ],
];
for (const [title, rule, shown] of cases) {
  test(`what people write stays out: ${title}`, () => assert.equal(withoutFreeText(rule), shown));
}

test.run();
