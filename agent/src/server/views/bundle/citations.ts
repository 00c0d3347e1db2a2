import { CHECKS } from '../../../checks/index.ts';
import { crosswalk, FRAMEWORKS } from '../../../core/frameworks/index.ts';
import { html, type Markup } from '../../../core/report/page/markup.ts';
import type { Bundle } from '../../../wire/evidence.ts';

/** What a bundle is evidence for, by framework. The bundle signs the lines of the HIPAA Security Rule by itself. */
export function citations({ check, hipaa_controls }: Bundle): Markup {
  const own = CHECKS.find(({ id }) => id === check)?.citations ?? [];
  const cited = [...own, ...hipaa_controls.map((id) => ({ framework: 'hipaa', id }))];
  const lines = crosswalk(cited, { profile: null });
  if (lines.length === 0) return html`<p class="none">It cites nothing.</p>`;
  return html`<table><thead><tr><th scope="col">Framework</th><th scope="col">Line</th><th scope="col">Requirement</th><th scope="col">Source</th></tr></thead>
<tbody>
${FRAMEWORKS.flatMap(({ id, title }) =>
  lines
    .filter(({ framework }) => framework === id)
    .map(
      (line) =>
        html`<tr><td>${title}</td><th scope="row">${line.id}</th><td>${line.title}${line.specification && html` <small>(${line.specification})</small>`}</td><td>${line.source}</td></tr>\n`,
    ),
)}</tbody></table>`;
}
