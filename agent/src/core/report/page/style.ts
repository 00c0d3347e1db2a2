/** One style for screen and paper, light and dark; the colours also differ in lightness, for who sees no red or green. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee6; --page: #ffffff; --panel: #f5f7fa;
  --compliant: #7fc8a0; --drifted: #c8323c; --unknown: #e0a528; --unattested: #8d97a5; --notApplicable: #e4e8ee; --accent: #25569c; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #333c48; --page: #12161c; --panel: #1a2029;
  --compliant: #3f8f66; --drifted: #e5555e; --unknown: #e0b04a; --unattested: #5e6875; --notApplicable: #262d37; --accent: #86b2ec; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1040px; padding: 40px 32px 64px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 21px; margin: 44px 0 10px; padding-top: 18px; border-top: 2px solid var(--line); }
h3 { font-size: 16px; margin: 26px 0 8px; }
p { margin: 6px 0 12px; max-width: 78ch; }
.lead { color: var(--soft); font-size: 17px; margin-bottom: 20px; }
.none { color: var(--soft); font-style: italic; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 22px 0; padding: 0; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; }
.card b { display: block; font-size: 24px; font-variant-numeric: tabular-nums; line-height: 1.25; }
.card span { color: var(--soft); font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; margin: 8px 0 18px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 1.5px solid var(--line); padding: 6px 14px 6px 0; vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: 7px 14px 7px 0; vertical-align: top; overflow-wrap: break-word; }
.id { white-space: nowrap; } td code { overflow-wrap: anywhere; } td small { line-height: 1.35; }
svg { width: 100%; height: auto; display: block; margin: 10px 0; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .axis { fill: var(--soft); font-size: 11px; }
rect.compliant { fill: var(--compliant); } rect.drifted { fill: var(--drifted); } rect.unknown { fill: var(--unknown); }
rect.unattested { fill: var(--unattested); } rect.notApplicable { fill: var(--notApplicable); } .mark { fill: var(--ink); }
.legend { font-size: 13px; color: var(--soft); } .key { margin-right: 16px; white-space: nowrap; }
.key i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
i.compliant { background: var(--compliant); } i.drifted { background: var(--drifted); } i.unknown { background: var(--unknown); }
i.unattested { background: var(--unattested); } i.notApplicable { background: var(--notApplicable); }
.tag { display: inline-block; border-radius: 4px; padding: 0 7px; font-size: 12px; font-weight: 600; border: 1px solid currentColor; white-space: nowrap; }
.tag.drifted, .tag.open { color: var(--drifted); } .tag.unknown { color: #a8740a; } .tag.healed, .tag.cleared { color: #26794f; }
@media screen and (prefers-color-scheme: dark) { .tag.unknown { color: var(--unknown); } .tag.healed, .tag.cleared { color: #6cc497; } }
code, pre { font: 12.5px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; overflow-x: auto; white-space: pre-wrap; }
footer { margin-top: 48px; color: var(--soft); font-size: 13px; border-top: 1px solid var(--line); padding-top: 14px; }
@page { margin: 16mm 14mm; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } h1 { font-size: 18pt; } .lead { font-size: 11pt; } table { font-size: 9pt; }
  .cards { grid-template-columns: repeat(6, 1fr); gap: 6px; } .card { padding: 8px; } .card b { font-size: 13pt; } h2 { break-after: avoid; } h3 { break-after: avoid; }
  tr, svg, .card, pre { break-inside: avoid; } thead { display: table-header-group; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
`;
