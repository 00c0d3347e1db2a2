import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { agentPaths } from '../demo/agent-side.ts';
import { buildClinic } from '../demo/clinic.ts';
import { until } from '../demo/namespace.ts';
import { buildStack, type Stack } from '../demo/stack.ts';
import { setStage } from '../demo/stage.ts';
import { widenPath } from '../demo/tools.ts';
import { Status } from '../src/agent/status.ts';
import type { Grow } from './grown.ts';
import { freezeSystemctl } from './host.ts';
import { startOnRealRoot } from './real-root.ts';

/** The agent as the demo starts it, with every control that this machine can make real; its server is out of reach. */
export type RunningDaemon = {
  readonly pid: number;
  /** The process that starts the privileged probes. */
  readonly socketsPid: number;
  readonly config: string;
  /** The service that it watches: its program; and arguments that enter the namespaces of ruleset and journal. */
  readonly service: string;
  readonly enter: readonly string[];
  readonly controls: number;
  loops(): number;
  end(): Promise<void>;
};

export async function startDaemon({
  pollInterval,
  realRoot = false,
  grow = (clinic) => clinic,
}: {
  pollInterval: number;
  /** The simulated host is its `/` (bench/real-root.ts), not a folder that it takes for one. */
  realRoot?: boolean;
  /** More to watch. */
  grow?: Grow;
}): Promise<RunningDaemon> {
  widenPath();
  const stage = setStage();
  const end = () => stage.strike({ keep: false });
  try {
    const paths = agentPaths(stage);
    const clinic = grow(await buildClinic(stage, { config: paths.config, now: new Date() }), stage);
    const stack = await buildStack(stage, paths, clinic, { pollInterval });
    clinic.begin();
    await stack.startSockets();
    if (realRoot) {
      freezeSystemctl(stage.path('bin', 'systemctl'), clinic.root, stage.path('units.json'));
      startOnRealRoot(stage, { root: clinic.root, config: paths.config });
    } else stack.startAgent();
    // From its log: a status that is asked for is work of the daemon too.
    const loops = () =>
      readFileSync(stage.path('logs', 'agent.log'), 'utf8').split('"msg":"cycle"').length - 1;
    const status = () => statusOf(stack, paths.config);
    await until(() => loops() > 0, 'first cycle', 60);
    return {
      pid: status()?.pid ?? 0,
      socketsPid: Number(readFileSync(stage.path('pids', 'sockets'), 'utf8')),
      config: paths.config,
      service: stage.path('antivirus', 'demo-antivirusd'),
      enter: clinic.namespaces?.enter ?? [],
      controls: clinic.controls.length,
      loops,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function statusOf(stack: Stack, config: string): Status['daemon'] {
  const { output } = stack.agent('status', '--json', '--config', config);
  try {
    return Status.parse(JSON.parse(output)).daemon;
  } catch {
    return null; // not up yet
  }
}

/** Waits until the daemon has gone round so often. */
export async function rounds(daemon: RunningDaemon, count: number): Promise<number> {
  const from = daemon.loops();
  for (;;) {
    await sleep(500);
    const done = daemon.loops() - from;
    if (done >= count) return done;
  }
}
