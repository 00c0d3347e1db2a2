import { setTimeout as sleep } from 'node:timers/promises';
import type { Host, Seen } from './field.ts';
import type { Form, Step } from './scenario.ts';
import type { Viewer } from './viewer.ts';

/** Seconds that anything may take to be seen: several poll intervals, since the machine may be busy. */
const PATIENCE = 90;

export type Field = {
  readonly form: Form;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly viewers: ReadonlyMap<string, Viewer>;
  /** A command of `compliance-server`. */
  server(args: readonly string[], input?: string): { code: number; output: string };
  /** Signs a draft with the operator’s private key, which no server is ever given. */
  sign(draft: string): string;
  /** Sends the evidence of simulated agents; gives how many bundles were received. */
  send(step: Extract<Step, { do: 'drift' }>): Promise<number>;
};

/** Whether a step went as expected, and what was seen. */
export type Result = { readonly ok: boolean; readonly seen: string };

export async function allReceived(host: Host): Promise<boolean> {
  const all = await waitFor(
    async () => (await host.evidence(0)).every(({ receipted }) => receipted) || null,
    2 * PATIENCE,
  );
  return all === true;
}

export async function bundle(
  host: Host,
  after: number,
  isIt: (seen: Seen) => boolean,
): Promise<Seen | null> {
  return waitFor(async () => (await host.evidence(after)).find(isIt) ?? null);
}

/** What a look says instead of the rule where it fell between the end of a service and PID 1’s word of it. */
const HALFWAY = new Map([['unit_not_active', ['process_missing', 'canary_lost']]]);

/** The rule that names what was broken; null where none does. */
export const namedIn = ({ rules }: Seen, finding: string): string | null =>
  [finding, ...(HALFWAY.get(finding) ?? [])].find((rule) => rules.includes(rule)) ?? null;

export const last = async (host: Host) => (await host.evidence(0)).at(-1)?.position ?? 0;

/** Says each part that held, and what did not. */
export function told(parts: readonly string[], held: readonly boolean[]): Result {
  const seen = parts.map((part, index) => (held[index] ? part : `NOT ${part}`)).join(', ');
  return { ok: held.every(Boolean), seen };
}

export function hostOf({ hosts }: Field, name: string): Host {
  const host = hosts.get(name);
  if (host === undefined) throw new Error(`there is no host ${name}`);
  return host;
}

export function viewerOf({ viewers }: Field, name: string): Viewer {
  const viewer = viewers.get(name);
  if (viewer === undefined) throw new Error(`there is no reader ${name}`);
  return viewer;
}

/** Looks four times a second until something is there; null after `seconds`. */
export async function waitFor<T>(
  look: () => Promise<T | null>,
  seconds = PATIENCE,
): Promise<T | null> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) return null;
    await sleep(250);
  }
}
