import type * as z from 'zod';
import type { Failure } from '../wire/failure.ts';
import type { Json } from '../wire/primitives.ts';
import type { RemedyOutcome, RemedySocket } from '../wire/remedy.ts';
import type { Host } from './host.ts';

/** The only programs that a remedy starts by itself, as root; what a switch needs runs in a unit of systemd-run’s. */
export type HandTool = 'systemctl' | 'systemd-run';

/** One step: a fixed program with arguments, no shell. It is written down with exit code and duration. */
export type Step = {
  /** `restart`, `set_profile`: what it is for, as it appears in evidence. */
  readonly action: string;
  readonly command: readonly [HandTool, ...string[]];
  /** Seconds. */
  readonly limit: number;
  /** Exit codes other than 0 with which the remedy goes on. */
  readonly accept?: readonly number[];
};

export type StepResult = { readonly exitCode: number | null; readonly ok: boolean };

/** All that a remedy can do to a host. What it does is kept as the actions of its evidence. */
export interface Hands {
  /** Looks, with root’s eyes. */
  readonly host: Host;
  /** Runs a program to its end or its limit. Does not throw for a failing one: the result says so. */
  run(step: Step): Promise<StepResult>;
  /** Does a step of the program’s own, as writing a canary; a `FailureError` is its failure. */
  perform<T>(action: string, work: () => Promise<T>): Promise<T>;
  /** Puts the declared firewall tables back; its steps are written down too. Never throws. */
  restoreFirewall(): Promise<Done>;
  /** Writes a line to the journal and finds it again, or throws. */
  writeCanary(): Promise<void>;
  /** Where it would go back to and what it changes, kept durably before the first change. */
  noteRollback(to: { generation: string; target: string }): void;
  /** Makes a store path the accepted generation. */
  acceptGeneration(path: string): void;
  pause(milliseconds: number): Promise<void>;
}

export type Work<S> = {
  /** When it began. */
  readonly now: Date;
  readonly hands: Hands;
  /** The section of the baseline of the check that it mends. */
  readonly section: S;
  /** Parameters of the order; none without one. */
  readonly params: { readonly [name: string]: Json };
  /** Store path that this host accepts; null where none was accepted yet. */
  readonly accepted: string | null;
  /** Seconds for the host to become healthy. */
  readonly healthTimeout: number;
};

export type Done = {
  readonly outcome: RemedyOutcome;
  readonly error: Failure | null;
  readonly rollbackAvailable?: boolean;
};

/** What an interrupted run had noted. */
export type Unfinished = { readonly rollback: string | null; readonly target: string | null };

/**
 * A remedy is data and two functions. `run` mends; `settle` brings a run that was cut off to a defined end, and is left
 * out where a run cannot stop halfway. `S` is the section of the baseline of its check.
 */
export interface Remedy<S = unknown> {
  readonly id: RemedySocket;
  readonly check: string;
  readonly title: string;
  /** Interrupts what the host does for people: it keeps to the maintenance window. */
  readonly disruptive: boolean;
  readonly section: z.ZodType<S>;
  /** What an order for it may carry. */
  readonly params: z.ZodType;
  run(work: Work<S>): Promise<Done>;
  settle?(work: Work<S>, unfinished: Unfinished): Promise<Done>;
}

/** Keeps the types of one remedy together and lets a registry hold remedies of any. */
export function defineRemedy<S>(remedy: Remedy<S>): Remedy {
  return remedy as unknown as Remedy;
}
