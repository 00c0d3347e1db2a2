import type { Host } from '../../core/host.ts';
import type { Json } from '../../wire/primitives.ts';
import type { ProbeName } from '../../wire/probe.ts';
import { rootedFiles } from '../host/files.ts';
import { type ToolRunner, toolRunner } from '../host/tools.ts';

/** What a privileged probe is given: no command and no input but the host’s own baseline (DESIGN 5). */
export type ProbeLook = {
  /** Taken for `/`. */
  readonly root: string;
  /** The section of the baseline that the probe serves; it parses for itself what it needs of it. */
  readonly section: unknown;
  /** Aborts at the probe’s time limit. */
  readonly signal: AbortSignal;
  /** How tools are run; each by itself where left out. */
  readonly run?: ToolRunner | undefined;
  /** Folder that outlives runs, this user’s own; none where left out. */
  readonly cacheDir?: string | undefined;
};

/** Looks, and gives the document’s `data`, as its schema gave it, or throws `FailureError`. */
export type Probe = (look: ProbeLook) => Promise<Json | object>;

type Entry = { readonly check: string; readonly load: () => Promise<Probe> };

/** Every privileged probe there is: which check’s section it reads, and where it is. */
export const PROBE_PROGRAMS: Record<ProbeName, Entry> = {
  firewall: {
    check: 'firewall',
    load: async () => (await import('./firewall.ts')).probeFirewall,
  },
  'firewall-reference': {
    check: 'firewall',
    load: async () => (await import('./firewall-reference.ts')).probeFirewallReference,
  },
  volumes: {
    check: 'encryption',
    load: async () => (await import('./volumes.ts')).probeVolumes,
  },
  logging: {
    check: 'logging',
    load: async () => (await import('./logging.ts')).probeLogging,
  },
  antivirus: {
    check: 'antivirus',
    load: async () => (await import('./antivirus.ts')).probeAntivirus,
  },
};

/** The host as a probe sees it; it asks no other probe. */
export function lookWith({
  root,
  signal,
  run = toolRunner(),
}: Pick<ProbeLook, 'root' | 'signal' | 'run'>): Omit<Host, 'probe'> {
  return { ...rootedFiles(root), run: (command) => run(command, signal) };
}
