import type { Row } from '../report.ts';
import type { Possible } from './field.ts';
import { allCompliant, cut, flapping, join, storm, violate } from './host-steps.ts';
import type { Field, Result } from './look.ts';
import type { Scenario, Step } from './scenario.ts';
import { drift, order, verify, view } from './server-steps.ts';

/** Plays every step of the scenario that belongs to this form, one after the other, and shows a row of each. */
export async function play(
  { steps }: Scenario,
  field: Field,
  show: (row: Row) => void,
): Promise<void> {
  const possible = new Map<string, Possible>();
  for (const [name, host] of field.hosts) possible.set(name, await host.violations());
  for (const step of steps) {
    const { real, simulated } = originOf(step, possible);
    const about = { control: 'host' in step ? step.host : step.do, what: step.what };
    const lacking = missing(step, possible);
    const begun = performance.now();
    const { ok, seen } =
      lacking ??
      (step.forms.includes(field.form)
        ? await perform(step, field)
        : { ok: true, seen: `left out: not for ${field.form}` });
    const seconds = (performance.now() - begun) / 1000;
    show({ ...about, expected: '', seen, ok, seconds, real, simulated });
  }
}

/** A control that this machine cannot make real is said to be left out; in CI that is a failure. */
function missing(step: Step, possible: ReadonlyMap<string, Possible>): Result | null {
  if (!('finding' in step)) return null;
  const able = possible.get(step.host)?.some(({ control }) => control === step.control);
  return able
    ? null
    : { ok: !process.env.CI, seen: `left out: this machine has no ${step.control}` };
}

function originOf(
  step: Step,
  possible: ReadonlyMap<string, Possible>,
): Pick<Row, 'real' | 'simulated'> {
  if (step.do === 'drift')
    return { real: 'chains, signatures, upload', simulated: 'what the agents watch' };
  if (!('finding' in step)) return { real: 'processes on loopback', simulated: 'the hosts' };
  const found = possible.get(step.host)?.find(({ control }) => control === step.control);
  return { real: found?.real ?? '', simulated: found?.simulated ?? '' };
}

function perform(step: Step, field: Field): Promise<Result> {
  switch (step.do) {
    case 'compliant':
      return allCompliant([...field.hosts.values()]);
    case 'violate':
      return violate(step, field);
    case 'storm':
      return storm(step, field);
    case 'flapping':
      return flapping(step, field);
    case 'order':
      return order(step, field);
    case 'cut':
      return cut(step, field);
    case 'join':
      return join(step, field);
    case 'view':
      return view(step, field);
    case 'drift':
      return drift(step, field);
    case 'verify':
      return verify(field);
  }
}
