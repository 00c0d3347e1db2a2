import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mayAcceptByBoot } from '../../agent/src/core/acceptance.ts';
import type { RemedyOutcome } from '../../agent/src/wire/remedy.ts';

const SYSTEM = '/nix/store/00000000000000000000000000000000-nixos-system-clinic-26.05';
const at = (hour: string) => `2026-11-22T${hour}:00:00.000Z`;
const state = {
  created_at: at('01'),
  events: [
    {
      ...({ number: 1, kind: 'acceptance', at: at('09'), by: 'switch' } as const),
      ...{ generation: SYSTEM, previous: null, order_id: null },
    },
    { number: 2, kind: 'freeze', at: at('11') } as const,
  ],
};
const ran = (
  hour: string,
  outcome: RemedyOutcome | null,
  remedy: 'update_to_baseline_generation' | 'restart_av_service' = 'update_to_baseline_generation',
) => ({ remedy, timestamp_start: at(hour), outcome });

const cases: [title: string, results: ReturnType<typeof ran>[], may: boolean][] = [
  ['no switch was ever tried', [], true],
  ['a switch was cut off', [ran('10', null)], false],
  ['a switch was reverted', [ran('10', 'reverted')], false],
  ['a switch came to its end', [ran('10', 'success')], true],
  [
    'a switch was reverted, and the next came to its end',
    [ran('10', 'reverted'), ran('11', 'success')],
    true,
  ],
  ['a switch was reverted, and another system accepted since', [ran('08', 'reverted')], true],
  ['another remedy was cut off', [ran('10', null, 'restart_av_service')], true],
];
for (const [title, results, may] of cases)
  test(`${may ? 'a boot may be accepted' : 'a boot is not accepted'}: ${title}`, () => {
    assert.is(mayAcceptByBoot(state, results), may);
  });

test('where nothing was accepted since the state was made, its making counts', () => {
  assert.not(mayAcceptByBoot({ ...state, events: [] }, [ran('02', 'failed')]));
});

test.run();
