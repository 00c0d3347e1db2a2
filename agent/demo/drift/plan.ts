import { type Random, seededRandom } from './random.ts';
import { type SyntheticViolation, VIOLATIONS } from './violations.ts';

/** What may befall a host. `storm`: many violations at once; `flapping`: one that comes and goes; `offline`: no server. */
export const SHAPES = ['calm', 'single', 'storm', 'flapping', 'offline'] as const;
export type Shape = (typeof SHAPES)[number];

/** Times are milliseconds since the epoch. */
export type DriftEvent =
  | { readonly at: number; readonly kind: 'breaks'; readonly violation: SyntheticViolation }
  | {
      readonly at: number;
      readonly kind: 'mended';
      readonly violation: SyntheticViolation;
      /** By its remedy, or by a person. */
      readonly by: 'remedy' | 'person';
    }
  | { readonly at: number; readonly kind: 'away' | 'back' };

export type HostPlan = {
  /** One for each day. */
  readonly shapes: readonly Shape[];
  /** By time. */
  readonly events: readonly DriftEvent[];
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Most days of most hosts are calm. */
const USUAL: readonly Shape[] = [
  ...Array.from({ length: 10 }, () => 'calm' as const),
  ...Array.from({ length: 5 }, () => 'single' as const),
  ...(['storm', 'flapping', 'offline', 'offline'] as const),
];

/** What befalls one host over some days: the same for the same seed. `shape` gives every day that one. */
export function planHost({
  seed,
  from,
  days,
  shape,
}: {
  seed: string;
  from: number;
  days: number;
  shape?: Shape | undefined;
}): HostPlan {
  const random = seededRandom(`plan ${seed}`);
  const shapes = Array.from({ length: days }, () => shape ?? random.pick(USUAL));
  const events = shapes.flatMap((name, day) => SPELLS[name](random, from + day * DAY));
  const until = from + days * DAY;
  return { shapes, events: events.filter(({ at }) => at < until).sort((a, b) => a.at - b.at) };
}

const SPELLS: Record<Shape, (random: Random, dawn: number) => DriftEvent[]> = {
  calm: () => [],
  single: (random, dawn) => violate(random, dawn + random.between(0, 20 * 60) * MINUTE),
  storm(random, dawn) {
    const begin = dawn + random.between(6 * 60, 18 * 60) * MINUTE;
    const count = random.between(8, 20);
    return Array.from({ length: count }, () =>
      violate(random, begin + random.between(0, 10 * 60) * SECOND),
    ).flat();
  },
  flapping(random, dawn) {
    const violation = random.pick(VIOLATIONS.filter(({ remedy }) => remedy !== null));
    let at = dawn + random.between(0, 20 * 60) * MINUTE;
    return Array.from({ length: random.between(6, 20) }, () => {
      const broken = at + random.between(20, 120) * SECOND;
      const mended = broken + random.between(5, 60) * SECOND;
      at = mended;
      return [
        { at: broken, kind: 'breaks', violation } as const,
        { at: mended, kind: 'mended', violation, by: 'remedy' } as const,
      ];
    }).flat();
  },
  offline(random, dawn) {
    const away = dawn + random.between(0, 12 * 60) * MINUTE;
    const back = away + random.between(1, 11) * HOUR;
    const meanwhile = violate(random, away + random.between(1, 30) * MINUTE);
    return [{ at: away, kind: 'away' }, ...meanwhile, { at: back, kind: 'back' }];
  },
};

/** What a remedy mends is mended within minutes, what a person must do within hours. */
function violate(random: Random, at: number): DriftEvent[] {
  const violation = random.pick(VIOLATIONS);
  const by = violation.remedy === null ? 'person' : 'remedy';
  const after = by === 'remedy' ? random.between(5, 600) * SECOND : random.between(1, 4) * HOUR;
  return [
    { at, kind: 'breaks', violation },
    { at: at + after, kind: 'mended', violation, by },
  ];
}
