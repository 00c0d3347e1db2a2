import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuMsOf } from '../daemon.ts';
import { buildBenchHost } from '../host.ts';
import { inTurns, type Measurement, type Samples } from '../measurement.ts';
import { AGENT_PROGRAM } from '../programs.ts';

const execute = promisify(execFile);
const POLICY = fileURLToPath(new URL('../../../../bench/peers/cfengine.cf', import.meta.url));
const ROUNDS = 7;

/** One run: seconds of wall clock and CPU with all children, MiB of the largest process. */
type Run = { wall: number; cpu: number; peak: number };
type Side = 'ours' | 'floor' | 'cf-agent';

let runs: Promise<{ runs: Map<Side, Run[]>; missing: string[] }> | undefined;

/** Each side so often in turns; the three rows below share these runs. */
async function measureAll() {
  const host = await buildBenchHost();
  try {
    const { folder, enter, config, root, socketsPid } = host;
    const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
    const at = (name: string) => join(folder, name);
    copyFileSync(POLICY, at('cfengine.cf'));
    chmodSync(at('cfengine.cf'), 0o600);
    const timed = async (
      env: NodeJS.ProcessEnv,
      ...command: string[]
    ): Promise<Run & { said: string }> => {
      const args = ['-f', '%e %U %S %M', '-o', at('time'), ...command];
      const said = await execute('/usr/bin/time', args, { env }).then(
        ({ stdout }) => stdout,
        ({ stdout }) => String(stdout),
      );
      const told = readFileSync(at('time'), 'utf8').trim().split('\n').at(-1) ?? '';
      const [wall = Number.NaN, user = 0, system = 0, kib = 0] = told.split(' ').map(Number);
      return { wall, cpu: user + system, peak: kib / 1024, said };
    };
    const found = new Map<Side, Run[]>();
    const keep =
      (side: Side, expected: RegExp, run: () => Promise<Run & { said: string }>) => async () => {
        const { said, ...figures } = await run();
        if (!expected.test(said))
          throw new Error(`${side} did not do its work: ${said.slice(0, 400)}`);
        found.set(side, [...(found.get(side) ?? []), figures]);
        return figures.cpu;
      };
    const sides = {
      ours: keep('ours', /logging/, async () => {
        const before = cpuMsOf(socketsPid, { withChildren: true });
        const checks = ['antivirus', 'backup', 'encryption', 'firewall', 'logging'];
        const options = ['--config', config, '--root', root];
        const run = await timed(
          env,
          process.execPath,
          AGENT_PROGRAM,
          'check',
          ...checks,
          ...options,
        );
        const probes = (cpuMsOf(socketsPid, { withChildren: true }) - before) / 1000;
        return { ...run, cpu: run.cpu + probes };
      }),
      floor: keep('floor', /^/, () =>
        timed(env, 'openssl', 'dgst', '-sha256', at('binary'), at('backup')),
      ),
      ...(existsSync('/usr/sbin/cf-agent') || existsSync('/usr/bin/cf-agent')
        ? {
            'cf-agent': keep('cf-agent', /six controls hold/, () =>
              timed(
                { ...env, BENCH_FOLDER: folder, BENCH_ENTER: enter.join(' ') },
                ...['cf-agent', '--no-lock', '--file', at('cfengine.cf')],
              ),
            ),
          }
        : {}),
    };
    await inTurns(ROUNDS, sides);
    return { runs: found, missing: 'cf-agent' in sides ? [] : ['cfengine3'] };
  } finally {
    await host.end();
  }
}

async function samplesOf(figure: keyof Run): Promise<Samples> {
  runs ??= measureAll();
  const { runs: found, missing } = await runs;
  const of = (side: Side) => (found.get(side) ?? []).map((run) => run[figure]);
  const peers = found.has('cf-agent') ? { 'cf-agent': of('cf-agent') } : {};
  return { ours: of('ours'), floor: of('floor'), peers, note: noteOf(missing) };
}

/** The other peers of the goal have no policy of these six controls here yet. */
function noteOf(missing: readonly string[]): string {
  const absent = missing.length === 0 ? '' : `Not installed: ${missing.join(', ')}. `;
  return `${absent}Without a policy here: openscap-scanner, monit, ansible-core`;
}

const shared = {
  floor: 'openssl dgst -sha256 of the same 150 MB',
  remains:
    'five probes that are each a Node of their own, as each holds a privilege of its own; the daemon needs no start',
};

export const oneShotCpu: Measurement = {
  ...shared,
  name: 'one-shot check of six controls, CPU',
  unit: 's CPU',
  goal: '≤ 0.45 × cf-agent',
  meets: ({ ours, peers }) => ours <= 0.45 * (peers['cf-agent'] ?? Number.NaN),
  measure: () => samplesOf('cpu'),
};

export const oneShotWall: Measurement = {
  ...shared,
  name: 'one-shot check of six controls, wall',
  unit: 's',
  goal: '≤ 0.45 × cf-agent',
  meets: ({ ours, peers }) => ours <= 0.45 * (peers['cf-agent'] ?? Number.NaN),
  measure: () => samplesOf('wall'),
};

export const oneShotMemory: Measurement = {
  ...shared,
  name: 'one-shot check of six controls, memory',
  unit: 'MiB at the peak',
  goal: '≤ 51 MiB',
  meets: ({ ours }) => ours <= 51,
  measure: () => samplesOf('peak'),
};
