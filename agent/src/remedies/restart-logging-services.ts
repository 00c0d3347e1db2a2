import * as z from 'zod';
import { defineRemedy } from '../core/remedy.ts';
import { toFailure } from '../wire/failure.ts';
import { UnitName } from '../wire/primitives.ts';
import { awaitUnits, restartUnits } from './units.ts';

/** What it needs of the section `logging`. */
const Section = z.looseObject({
  units: z.array(z.looseObject({ unit: UnitName })).default([]),
});

const JOURNAL = 'systemd-journald.service';
/** Started, never stopped: what is sent meanwhile waits in them (systemd-journald.service(8)). */
const SOCKETS = ['systemd-journald.socket', 'systemd-journald-dev-log.socket'];

/** Starts the journal and the declared shippers anew, then writes a canary and reads it back. */
export const restartLoggingServices = defineRemedy<z.infer<typeof Section>>({
  id: 'restart_logging_services',
  check: 'logging',
  title: 'Restart the logging services',
  disruptive: false,
  section: Section,
  params: z.strictObject({}),
  async run({ hands, section, healthTimeout }) {
    const declared = section.units.map(({ unit }) => unit);
    const sockets = [...new Set([...SOCKETS, ...declared.filter(isSocket)])];
    const units = [...new Set([JOURNAL, ...declared.filter((unit) => !isSocket(unit))])];
    await restartUnits(hands, { units, gently: sockets });
    const done = await awaitUnits(hands, { units: [...sockets, ...units], timeout: healthTimeout });
    if (done.outcome !== 'success') return done;
    try {
      await hands.perform('canary', () => hands.writeCanary());
      return done;
    } catch (error) {
      return { outcome: 'failed', error: toFailure(error, 'remedy.canary') };
    }
  },
});

const isSocket = (unit: string) => unit.endsWith('.socket');
