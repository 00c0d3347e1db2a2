import { median } from '../statistics.ts';
import type { Drained } from './backlog.ts';
import type { Came } from './connections.ts';
import type { Idle } from './idle.ts';
import type { Measured, Sample } from './throughput.ts';

export type Rows = [head: string[], ...rows: string[][]];

const figure = (value: number, digits = 0) => value.toFixed(digits);

export function throughputTable(measured: readonly Measured[]): Rows {
  const rows = measured.map(({ words, goal, samples }) => {
    const of = (pick: (sample: Sample) => number) => samples.map(pick);
    const rates = of(({ perCoreSecond }) => perCoreSecond);
    return [
      words,
      figure(median(rates)),
      `${figure(Math.min(...rates))}–${figure(Math.max(...rates))}`,
      goal === undefined ? '' : String(goal),
      figure(median(of(({ perSecond }) => perSecond))),
      figure(median(of(({ p50 }) => p50)), 1),
      figure(median(of(({ p99 }) => p99)), 1),
    ];
  });
  const head = ['WHAT', 'PER CORE-SECOND', 'ROUNDS', 'GOAL', 'PER SECOND', 'P50 MS', 'P99 MS'];
  return [head, ...rows];
}

export function connectionsTable(results: readonly Came[]): Rows {
  const kept = median(results[0]?.milliseconds ?? []);
  const rows = results.map(({ coming, milliseconds }) => {
    const each = median(milliseconds);
    return [coming, figure(each, 2), `${figure(each / kept, 1)} ×`];
  });
  return [['CONNECTION', 'CPU MS A BUNDLE', 'OF A KEPT ONE'], ...rows];
}

export function backlogTable(drained: readonly Drained[]): Rows {
  const rows = drained.map(({ name, bundles, perCoreSecond, perSecond, memory }) => [
    name,
    String(bundles),
    figure(perCoreSecond),
    figure(perSecond),
    memory.map((mib) => figure(mib)).join(' '),
  ]);
  return [['STORE', 'BUNDLES', 'PER CORE-SECOND', 'PER SECOND', 'RESIDENT MIB'], ...rows];
}

export function idleTable(idle: Idle): Rows {
  const { connections, kibEach, idleCpu, before, beside, limited } = idle;
  return [
    ['IDLE CONNECTIONS', String(connections)],
    ['resident KiB each', figure(kibEach, 1)],
    ['server’s CPU seconds in ten', figure(idleCpu, 2)],
    ['bundle without them, p50 and p99 ms', `${figure(before.p50, 1)} ${figure(before.p99, 1)}`],
    ['bundle beside them, p50 and p99 ms', `${figure(beside.p50, 1)} ${figure(beside.p99, 1)}`],
    ['one more than the limit', limited ? 'hung up on' : 'let in'],
  ];
}
