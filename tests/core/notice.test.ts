import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isNoticed, noticeOf, webhookSignature } from '../../agent/src/core/notice.ts';
import { bundleBytes } from '../../agent/src/core/record.ts';
import { octetCounted, syslogMessage, syslogSeverity } from '../../agent/src/core/syslog.ts';
import { Bundle, type Draft } from '../../agent/src/wire/evidence.ts';
import { Notice } from '../../agent/src/wire/notice.ts';
import { NO_DIGEST } from '../../agent/src/wire/primitives.ts';
import type { CheckState, Finding } from '../../agent/src/wire/verdict.ts';
import { CONTEXT, draftOf } from '../support/evidence.ts';

const ID = '7d0c7a0e-52f2-4f3c-8a0e-0d5a3c1e7b11';

function noticeFor(fields: Partial<Draft> = {}): Notice {
  const link = { chain_id: ID, sequence: 4, previous_digest: NO_DIGEST, key_id: NO_DIGEST };
  const bytes = bundleBytes({ bundleId: ID, draft: draftOf(fields), context: CONTEXT, link });
  return Notice.parse(noticeOf(Bundle.parse(JSON.parse(bytes.toString())), NO_DIGEST));
}

function drifted(findings: Partial<Finding>[], more: Partial<CheckState> = {}): Partial<Draft> {
  const whole = findings.map(
    (finding): Finding => ({
      rule: 'rule_differs',
      subject: 'inet filter',
      verdict: 'drifted',
      severity: 'high',
      expected: { secret: 'of the evidence' },
      actual: null,
      message: 'a rule is gone',
      exception: null,
      ...finding,
    }),
  );
  const state: CheckState = {
    check: 'firewall',
    verdict: 'drifted',
    severity: 'high',
    findings: whole,
    exceptions: [],
    facts: { secret: 'of the facts' },
    error: null,
    ...more,
  };
  return { outcome: 'alert', post_state: state as Draft['post_state'] };
}

test('a notice says what drifted, how badly and where its evidence is, without facts', () => {
  const notice = noticeFor(drifted([{}]));
  assert.equal(
    [notice.verdict, notice.severity, notice.findings_total, notice.bundle_id],
    ['drifted', 'high', 1, ID],
  );
  assert.is(notice.summary, 'host-1: firewall is drifted (high); alert: a rule is gone');
  assert.not.match(JSON.stringify(notice), /secret/);
});

test('a record that somebody acted is told, and one that a control does not apply is not', () => {
  const told = (check: string) => isNoticed({ check, outcome: 'recorded' });
  assert.equal(['freeze', 'acceptance', 'key', 'chain'].map(told), [true, true, true, true]);
  assert.equal(['backup', 'a_seventh_check', 'retention'].map(told), [false, false, false]);
});

test('a notice names 32 findings at most and counts all', () => {
  const notice = noticeFor(drifted(Array.from({ length: 40 }, () => ({}))));
  assert.equal([notice.findings.length, notice.findings_total], [32, 40]);
});

test('a message is RFC 5424: priority, version, time, host, program, process, id, element, BOM, text', () => {
  const text = syslogMessage(noticeFor(drifted([{}])), { pid: 42 }).toString();
  const [, priority, rest = ''] = /^<(\d+)>1 (.*)$/s.exec(text) ?? [];
  assert.is(Number(priority), 13 * 8 + 3);
  assert.match(
    rest,
    /^2026-11-22T09:30:00\.000Z host-1 compliance-agent 42 firewall \[compliance@32473 site="clinic-1" check="firewall" /,
  );
  assert.match(rest, /sequence="4" bundle="[0-9a-f-]{36}" sha256="0{64}"\] \uFEFFhost-1: firewall/);
});

test('what would end an element or a line is escaped', () => {
  const notice = noticeFor(drifted([{ message: 'a\nforged <13>1 line' }]));
  const text = syslogMessage({ ...notice, runbook_id: 'a"]\\b' }, { pid: 1 }).toString();
  assert.match(text, /runbook="a\\"\\]\\\\b"/);
  assert.is(text.split('\n').length, 1);
});

test('a message is cut at 2048 octets, between characters', () => {
  const notice = { ...noticeFor(drifted([{}])), summary: 'ü'.repeat(2000) };
  const message = syslogMessage(notice, { pid: 1 });
  assert.ok(message.length <= 2048 && message.length >= 2046);
  assert.not.match(message.toString(), /\uFFFD/);
});

const urgency: [Partial<Notice>, number][] = [
  [{ outcome: 'alert', severity: 'critical' }, 2],
  [{ outcome: 'alert', severity: 'low' }, 4],
  [{ outcome: 'failed', severity: 'low' }, 3],
  [{ outcome: 'failed', severity: 'critical' }, 2],
  [{ outcome: 'success', severity: null }, 6],
  [{ outcome: 'compliant', severity: null }, 6],
  [{ outcome: 'recorded', severity: null }, 5],
];
for (const [notice, severity] of urgency) {
  test(`${notice.outcome} of severity ${notice.severity} is ${severity} to syslog`, () =>
    assert.is(syslogSeverity(notice as Notice), severity));
}

test('octets are counted, not characters', () =>
  assert.is(octetCounted(Buffer.from('aü')).toString(), '3 aü'));

test('the signature is HMAC-SHA256 over timestamp, full stop and body, as openssl makes it', () => {
  // printf '1763804400.{}' | openssl dgst -sha256 -hmac secret
  const signed = webhookSignature({
    secret: Buffer.from('secret'),
    timestamp: '1763804400',
    body: Buffer.from('{}'),
  });
  assert.is(signed, 'sha256=e74856e5164dee2d03ad38bbde92c37f98bb6d2ae6675c64254e6c4caa70c94b');
});

test.run();
