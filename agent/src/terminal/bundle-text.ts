import type { Bundle, Outcome } from '../wire/evidence.ts';
import { describeFailure } from '../wire/failure.ts';
import { CheckState } from '../wire/verdict.ts';
import { colour } from './colour.ts';
import { controlLine } from './control-line.ts';
import { findingText, remark } from './states.ts';

const GOOD: readonly Outcome[] = ['success', 'compliant', 'recorded'];

/** A bundle as a person reads it: what, when, what was found and done, and where it stands in the chain. */
export function bundleText(bundle: Bundle): string {
  const { check, outcome, action_taken, error, order_id, runbook_id, rollback_generation } = bundle;
  const paint = GOOD.includes(outcome)
    ? colour.green
    : outcome === 'deferred'
      ? colour.yellow
      : colour.red;
  const fields: [name: string, value: string | null][] = [
    ['bundle', bundle.bundle_id],
    ['place', `number ${bundle.sequence} of chain ${bundle.chain_id}`],
    ['signed by', `key ${bundle.key_id} (the signature holds)`],
    ['host', `${bundle.host_id}, site ${bundle.site_id}`],
    ['from', bundle.timestamp_start],
    ['to', `${bundle.timestamp_end}${clock(bundle.ntp_offset_ms)}`],
    ['controls', bundle.hipaa_controls.map((id) => `45 CFR ${id}`).join(', ') || null],
    ['runbook', runbook_id],
    ['order', order_id],
    ['rollback', rollback_generation],
    ['error', error && describeFailure(error)],
  ];
  return [
    `${colour.bold(check)}: ${paint(outcome)}`,
    ...fields.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(10)} ${value}`])),
    ...state('before', bundle.pre_state),
    ...state('after', bundle.post_state),
    ...(action_taken.length === 0 ? [] : ['', colour.bold('actions')]),
    ...action_taken.map(
      ({ step, action, command, exit_code, duration_sec, result }) =>
        `  ${step}. ${action}: ${result}${exit_code === null ? '' : `, exit ${exit_code}`}, ${duration_sec} s  ${colour.dim(command)}`,
    ),
  ].join('\n');
}

function clock(offset: number | null): string {
  return offset === null ? ' (clock offset not known)' : ` (clock off by ${offset} ms)`;
}

/** The state of a control as verdict and findings; any other as the fields it has. */
function state(title: string, value: unknown): string[] {
  if (value === null) return [];
  const parsed = CheckState.partial({ facts: true }).safeParse(value);
  const head = ['', colour.bold(title)];
  if (!parsed.success) return [...head, ...indented(JSON.stringify(value, null, 2))];
  const { check, verdict, severity, findings, error, reason, as_of } = parsed.data;
  return [
    ...head,
    `  ${controlLine({ check, verdict, severity, words: remark({ reason, as_of }), colour })}`,
    ...(error === null ? [] : [`      could not look: ${describeFailure(error)}`]),
    ...findings.flatMap((finding) => [
      `      ${findingText(finding)}`,
      colour.dim(
        `        ${finding.subject}: expected ${short(finding.expected)}, found ${short(finding.actual)}`,
      ),
    ]),
  ];
}

const indented = (text: string): string[] => text.split('\n').map((line) => `  ${line}`);

/** No more of a value than a line holds; `--json` prints all. */
function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}
