import {
  type ClockOffset,
  parseChronyTracking,
  parseTimesyncStatus,
  type TimeService,
} from '../core/clock-offset.ts';
import type { Command, Host } from '../core/host.ts';
import { FailureError } from '../wire/failure.ts';

/** A runtime folder tells which service there is, so that no tool is started where neither runs. */
const SERVICES: {
  source: TimeService;
  folder: string;
  command: Command;
  parse: (text: string) => ClockOffset;
}[] = [
  {
    source: 'timesyncd',
    folder: '/run/systemd/timesync',
    command: { tool: 'timedatectl', args: ['timesync-status'], name: 'timesync' },
    parse: parseTimesyncStatus,
  },
  {
    source: 'chrony',
    folder: '/run/chrony',
    command: { tool: 'chronyc', args: ['-c', 'tracking'], name: 'tracking' },
    parse: parseChronyTracking,
  },
];

/** Asks timesyncd, then chrony. What they cannot say is a reason, never an error. */
export async function readClockOffset(host: Host): Promise<ClockOffset> {
  let answer: ClockOffset = { offset_ms: null, source: null, reason: 'no_time_service' };
  for (const { source, folder, command, parse } of SERVICES) {
    if ((await answered(host.stat(folder))) === null) continue;
    const result = await answered(host.run(command));
    if (result === null) answer = { offset_ms: null, source, reason: 'no_answer' };
    else answer = parse(result.stdout);
    if (answer.offset_ms !== null) return answer;
  }
  return answer;
}

async function answered<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await look;
  } catch (thrown) {
    if (thrown instanceof FailureError) return null;
    throw thrown;
  }
}
