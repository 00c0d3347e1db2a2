import { html, type Markup } from '../../../core/report/page/markup.ts';
import { AttestedState, ControlState } from '../../../core/report/states.ts';
import { describeFailure } from '../../../wire/failure.ts';
import type { Json } from '../../../wire/primitives.ts';
import type { CheckState, Verdict } from '../../../wire/verdict.ts';
import { stateTag } from '../parts.ts';
import { below, signed } from './signed.ts';

type Root = '/pre_state' | '/post_state';

/** Fields of a control’s state that stand in words above its facts. */
export const TOLD = [
  '/check',
  '/verdict',
  '/severity',
  '/findings',
  '/exceptions',
  '/error',
  '/as_of',
];

/** What a state says in words: of one control its verdict and findings, of an attestation all verdicts; else null. */
export function stateInWords(state: Json, root: Root): Markup | null {
  const own = ControlState.safeParse(state).data;
  if (own !== undefined) return control(own, root);
  const attested = AttestedState.safeParse(state).data;
  return attested === undefined ? null : attestation(attested, root);
}

function control(
  { verdict, severity, findings, exceptions, error, as_of }: ControlState,
  root: Root,
): Markup {
  return html`<p>${tag(verdict, `${root}/verdict`)}${asOf(as_of, root)}${severity && html`, severity ${signed(`${root}/severity`, severity)}`}${error && html`; could not look: ${describeFailure(error)}`}${exceptions.length > 0 && html`; rests on the exceptions ${exceptions.join(', ')}`}</p>
${findings.length > 0 && findingsTable(findings, `${root}/findings`)}`;
}

/** When the oldest thing was measured that a verdict rests on, where that was before its look. */
const asOf = (time: string | undefined, at: string) =>
  time !== undefined && html` as of ${signed(`${at}/as_of`, time)}`;

const tag = (verdict: Verdict, pointer: string): Markup =>
  html`${stateTag(verdict)}<span class="hidden"> (${signed(pointer, verdict)})</span>`;

function findingsTable(findings: CheckState['findings'], root: string): Markup {
  return html`<table><thead><tr><th scope="col">Finding</th><th scope="col">About</th><th scope="col">Severity</th><th scope="col">Expected</th><th scope="col">Found</th></tr></thead>
<tbody>
${findings.map(({ message, subject, severity, expected, actual, exception }, index) => {
  const at = below(root, index);
  return html`<tr><th scope="row">${signed(`${at}/message`, message)}${exception && html`<br><small>Covered by the exception ${exception}.</small>`}</th><td>${signed(`${at}/subject`, subject)}</td><td>${signed(`${at}/severity`, severity)}</td><td><code>${signed(`${at}/expected`, expected)}</code></td><td><code>${signed(`${at}/actual`, actual)}</code></td></tr>
`;
})}</tbody></table>`;
}

function attestation({ verdicts }: AttestedState, root: Root): Markup {
  return html`<table><thead><tr><th scope="col">Control</th><th scope="col">Verdict</th><th scope="col">Severity</th><th scope="col">Exceptions</th></tr></thead>
<tbody>
${verdicts.map(({ check, verdict, severity, exceptions, as_of }, index) => {
  const at = below(`${root}/verdicts`, index);
  return html`<tr><th scope="row">${signed(`${at}/check`, check)}</th><td>${tag(verdict, `${at}/verdict`)}${asOf(as_of, at)}</td><td>${severity ?? ''}</td><td>${exceptions.join(', ')}</td></tr>
`;
})}</tbody></table>`;
}
