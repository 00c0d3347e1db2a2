import { addSystem, becomeNixos, links, simulateTimeService } from '../nixos.ts';
import { breakAndHeal, bundlesOf, expectTrue, isCompliant, type Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  name: 'generations',
  proves:
    'the accepted generation is put back as running system, profile and boot default; a refused check defers',
  settings: {
    remedies: { update_to_baseline_generation: { mode: 'auto' } },
    allow_disruptive_outside_window: true,
  },
  checks: { patching: { max_age_days: 3650 } },
  prepare: simulateTimeService,
  async play(machine, stage) {
    const good = await addSystem(machine, 1);
    const other = await addSystem(machine, 2);
    await becomeNixos(machine, good);
    const whole = async () => {
      const now = await links(machine);
      expectTrue(
        now.running === good && now.profile === good && now.boot === good,
        `running, profile and boot default are the accepted one: ${JSON.stringify(now)}`,
      );
    };
    await machine.until('the first start accepted what runs', () =>
      isCompliant(machine, 'patching'),
    );
    const [accepted] = bundlesOf(machine, 'acceptance');
    expectTrue(
      (accepted?.post_state as { generation?: string } | undefined)?.generation === good,
      'its evidence',
    );
    stage.seen('the first start accepts what runs, and that is evidence');

    await breakAndHeal(machine, stage, {
      check: 'patching',
      how: 'another generation set in the profile',
      act: () => machine.must(`nix-env -p /nix/var/nix/profiles/system --set ${other}`),
    });
    await whole();
    await breakAndHeal(machine, stage, {
      check: 'patching',
      how: 'another generation switched to by hand',
      act: () => machine.must(`${other}/bin/switch-to-configuration switch`),
    });
    await whole();

    await machine.must(`echo 1 > ${good}/exit-check`);
    const deferred = await breakAndHeal(machine, stage, {
      check: 'patching',
      how: 'the pre-switch check refuses',
      act: () => machine.must(`ln -sfn ${other} /run/current-system`),
      outcome: 'deferred',
    });
    expectTrue(
      deferred.action_taken.every(({ action }) => action !== 'set_profile'),
      'nothing was changed',
    );
    await machine.must(`echo 0 > ${good}/exit-check`);
    await machine.until(
      'healed once the check lets it',
      () => isCompliant(machine, 'patching'),
      90,
    );
    await whole();
    stage.seen('and is healed once it lets it');
  },
};
