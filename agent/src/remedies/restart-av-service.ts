import * as z from 'zod';
import { defineRemedy } from '../core/remedy.ts';
import { UnitName } from '../wire/primitives.ts';
import { awaitUnits, restartUnits } from './units.ts';

/** What it needs of the section `antivirus`. */
const Section = z.looseObject({ units: z.array(z.looseObject({ unit: UnitName })).min(1) });

/** Restarts the declared antivirus units. What runs under another hash is replaced by what the disk holds. */
export const restartAvService = defineRemedy<z.infer<typeof Section>>({
  id: 'restart_av_service',
  check: 'antivirus',
  title: 'Restart the antivirus',
  disruptive: false,
  section: Section,
  params: z.strictObject({}),
  async run({ hands, section, healthTimeout }) {
    const units = section.units.map(({ unit }) => unit);
    await restartUnits(hands, { units });
    return awaitUnits(hands, { units, timeout: healthTimeout });
  },
});
