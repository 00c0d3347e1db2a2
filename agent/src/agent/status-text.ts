import pico from 'picocolors';
import { type Colours, controlLine } from '../terminal/control-line.ts';
import { describeFailure } from '../wire/failure.ts';
import type { Status } from './status.ts';

/** What `status` prints for people: the controls first, then what the agent and its evidence are doing. */
export function statusText(
  found: Status,
  { now, inColour }: { now: Date; inColour: boolean },
): string {
  const colour = pico.createColors(inColour);
  const status = visible(found) as Status;
  const { host_id, site_id, daemon } = status;
  const controls = (daemon?.last_cycle?.controls ?? []).map(
    ({ message, open_findings, ...control }) => {
      const more = open_findings > 1 ? ` (and ${open_findings - 1} more)` : '';
      return controlLine({
        ...control,
        words: message === null ? '' : `${message}${more}`,
        colour,
      });
    },
  );
  return [
    `${colour.bold(host_id)}, site ${site_id}`,
    ...(controls.length === 0 ? [] : ['', ...controls, '']),
    ...daemonLines(daemon, now, colour),
    ...evidenceLines(status, colour),
    ...serverLines(status, colour),
  ].join('\n');
}

/** The daemon holds no privilege, and others name what it sees: no text of either drives the terminal of root. */
function visible(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\p{Cc}/gu, '\ufffd');
  if (Array.isArray(value)) return value.map(visible);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [visible(name), visible(part)]),
  );
}

const line = (name: string, words: string): string => `${name.padEnd(10)} ${words}`;

function daemonLines(daemon: Status['daemon'], now: Date, colour: Colours): string[] {
  if (daemon === null) return [line('daemon', colour.red('not running'))];
  const { last_cycle: last, counters, evidence_failure: failure } = daemon;
  const counted = Object.entries(counters).map(
    ([name, count]) => `${count} ${name.replaceAll('_', ' ')}`,
  );
  return [
    line(
      'daemon',
      `running for ${since(daemon.started_at, now)} (pid ${daemon.pid}, version ${daemon.version})`,
    ),
    line(
      'cycle',
      last === null
        ? 'none yet'
        : `${since(last.started_at, now)} ago, took ${last.duration_ms} ms`,
    ),
    line('counted', counted.join(', ')),
    ...(failure === null
      ? []
      : [
          line(
            colour.red('WARNING'),
            `evidence cannot be written: ${describeFailure(failure)}; ${daemon.evidence_waiting} bundles wait in memory, no remedy starts`,
          ),
        ]),
  ];
}

function evidenceLines({ evidence, queue, notices }: Status, colour: Colours): string[] {
  const told = Object.entries(notices ?? {}).map(
    ([channel, { pending, stalled, delivered }]) =>
      `${channel} ${delivered} told, ${pending} pending${stalled === 0 ? '' : colour.red(`, ${stalled} stalled`)}`,
  );
  return [
    line(
      'evidence',
      evidence === null
        ? 'none yet'
        : `${evidence.sequence} bundles in chain ${evidence.chain_id}, last ${evidence.digest.slice(0, 16)}…`,
    ),
    ...(queue === null
      ? []
      : [
          line(
            'queue',
            `${queue.pending} pending, ${queue.stalled === 0 ? '0 stalled' : colour.red(`${queue.stalled} stalled`)}, ${queue.uploaded} uploaded`,
          ),
        ]),
    ...(told.length === 0 ? [] : [line('notices', told.join('; '))]),
  ];
}

function serverLines({ server }: Status, colour: Colours): string[] {
  if (server.url === null) return [line('server', 'none')];
  const paint =
    { 'out of reach': colour.red, reachable: colour.green }[server.state as string] ?? String;
  const why = server.failure === null ? '' : `, ${describeFailure(server.failure)}`;
  return [
    line('server', `${server.url}: ${paint(server.state)}${why}`),
    ...(server.certificate === null
      ? []
      : [line('', `client certificate ends in ${server.certificate.days_left} days`)]),
  ];
}

/** How long since a time, in its two greatest units at most. */
function since(time: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  const hours = Math.round(seconds / 3600);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
