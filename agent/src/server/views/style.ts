import { STYLE } from '../../core/report/page/style.ts';

/** That of the report, so that screen and packet look alike; denser, and with what a page has that paper has not. */
export const VIEWER_STYLE = `${STYLE}
:root { --good: #26794f; --bad: #b3202c; --doubt: #8a5f06; --faint: #5b6675; --focus: #25569c; }
@media screen and (prefers-color-scheme: dark) { :root { --good: #6cc497; --bad: #ff8189; --doubt: #e5b85c; --faint: #9aa6b5; --focus: #86b2ec; } }
body { max-width: 1280px; padding: 0 28px 40px; font-size: 14px; line-height: 1.45; }
h1 { font-size: 24px; margin: 22px 0 10px; } h2 { font-size: 17px; margin: 28px 0 8px; padding-top: 0; border-top: 0; } h3 { font-size: 14px; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
main:focus { outline: none; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -9999px; } .skip:focus { left: 12px; top: 8px; background: var(--page); padding: 6px 12px; z-index: 1; }
.top { display: flex; flex-wrap: wrap; align-items: baseline; gap: 6px 26px; padding: 12px 0 9px; border-bottom: 1px solid var(--line); }
.top .name { font-weight: 650; margin: 0; } .top ul { display: flex; gap: 18px; list-style: none; margin: 0; padding: 0; }
.top a { text-decoration: none; } .top a[aria-current] { color: var(--ink); font-weight: 600; border-bottom: 2px solid var(--accent); padding-bottom: 9px; }
.who { margin-left: auto; color: var(--soft); font-size: 13px; }
button, input, select { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--faint); border-radius: 5px; padding: 3px 9px; }
button { background: var(--panel); cursor: pointer; } input[type=checkbox] { padding: 0; vertical-align: -1px; accent-color: var(--accent); }
.cards { list-style: none; grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: 10px; margin: 10px 0 16px; }
.card { padding: 8px 14px; } .card b { font-size: 21px; }
.filter { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; margin: 0 0 6px; font-size: 13px; }
.filter label { color: var(--soft); white-space: nowrap; } .filter input, .filter select { color: var(--ink); }
.scroll { overflow-x: auto; position: relative; }
table { font-size: 13px; margin: 6px 0 12px; } th, td { padding: 4px 12px 4px 0; } td { vertical-align: baseline; }
caption { text-align: left; color: var(--soft); padding: 4px 0; } tbody th { color: var(--ink); border-bottom: 1px solid var(--line); vertical-align: baseline; }
tbody tr:hover { background: var(--panel); }
.control { text-align: center; padding-right: 8px; } .control a { text-decoration: none; display: inline-block; min-width: 26px; border-radius: 4px; }
.when { white-space: nowrap; }
.state { white-space: nowrap; } .sign { display: inline-block; width: 1.15em; text-align: center; font-weight: 700; }
.state.compliant .sign { color: var(--good); } .state.drifted, .state.drifted .sign { color: var(--bad); font-weight: 600; }
.state.unknown, .state.unknown .sign { color: var(--doubt); } .state.unattested, .state.notApplicable { color: var(--faint); }
.control .state { font-weight: 700; } .control .compliant { color: var(--good); } .control small { margin-left: 1px; }
.control .drifted { background: color-mix(in srgb, var(--drifted) 18%, transparent); padding: 1px 5px; }
.control .unknown { background: color-mix(in srgb, var(--unknown) 22%, transparent); }
.tag { font-size: 11.5px; padding: 0 6px; } .tag.alarm { color: var(--bad); }
.tag.good { color: var(--good); } .tag.bad { color: var(--bad); } .tag.doubt { color: var(--doubt); }
.path { font-size: 13px; margin: 14px 0 0; color: var(--soft); } .path + h1 { margin-top: 4px; } .lead, .spans, .legend { max-width: none; } .lead { font-size: 14px; margin-bottom: 12px; }
.verdict { font-size: 16px; font-weight: 600; margin: 4px 0 8px; } .good { color: var(--good); } .bad { color: var(--bad); } .doubt { color: var(--doubt); }
#verification { background: var(--panel); border: 1px solid var(--line); border-left: 4px solid var(--faint); border-radius: 8px; padding: 10px 16px; }
#verification[data-state=verified] { border-left-color: var(--good); } #verification[data-state=failed] { border-left-color: var(--bad); }
#verification[data-state="could not"] { border-left-color: var(--doubt); }
#verification h2 { margin: 2px 0 4px; font-size: 14px; color: var(--soft); } #verification table { margin: 4px 0; } .steps th small { font-weight: 400; color: var(--soft); margin-left: 6px; }
.steps td { overflow-wrap: anywhere; } .steps td:nth-child(2) { white-space: nowrap; font-weight: 600; } summary { cursor: pointer; color: var(--soft); font-size: 13px; }
.wrong { outline: 2px solid var(--bad); background: color-mix(in srgb, var(--drifted) 25%, transparent); }
th code { font-weight: 500; } tbody th { font-weight: 550; } .fleet th a { white-space: nowrap; } .facts th { width: 26%; }
tr.changed td { background: color-mix(in srgb, var(--unknown) 14%, transparent); } tr.changed td:last-child { font-weight: 600; color: var(--doubt); padding-left: 8px; }
.rules td { width: 38%; } del { text-decoration: none; color: var(--bad); } ins { text-decoration: none; color: var(--good); }
td code, th code { overflow-wrap: anywhere; font-size: 12px; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(400px, 1fr)); gap: 0 28px; margin: 4px 0 0; } .fields div { display: flex; gap: 12px; border-bottom: 1px solid var(--line); padding: 3px 0; }
dt { color: var(--soft); width: 130px; flex: none; font-size: 13px; } dd { margin: 0; overflow-wrap: anywhere; }
.raw { max-height: 260px; overflow: auto; overflow-wrap: anywhere; font-size: 11.5px; } .files a { margin-right: 16px; }
svg.heat { margin: 4px 0; } svg.heat text { font-size: 12px; } svg .sign { stroke: #fff; fill: none; stroke-width: 1.6; } svg circle.sign { fill: #1c2430; stroke: none; }
rect.none { fill: none; stroke: var(--line); stroke-width: .5; } .key i { vertical-align: -1px; margin-right: 3px; }
.spans { font-size: 13px; } .spans a { margin-right: 12px; } .spans a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; } .spans span { color: var(--soft); }
.alarms { list-style: none; padding: 8px 14px; margin: 8px 0; border: 1px solid var(--bad); border-radius: 8px; } .alarms li { margin: 2px 0; }
.legend .state { margin-right: 16px; } .pages a { margin-right: 14px; }
footer { margin-top: 30px; padding-top: 10px; font-size: 12px; }
@media (max-width: 760px) { body { padding: 0 14px 30px; } main { overflow-x: auto; position: relative; } .fields { grid-template-columns: 1fr; } svg.heat { min-width: 700px; } }
@media print { .skip, .top nav, .who button, .filter, .pages { display: none; } body { font-size: 9.5pt; } a { color: inherit; text-decoration: none; }
  .scroll { overflow: visible; } .raw { max-height: none; } details { display: none; } #verification { break-inside: avoid; }
  table { font-size: 8.5pt; } }
`;
