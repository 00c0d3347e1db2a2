import type { Notice } from '../../wire/notice.ts';

/** Where notices go. `send` resolves once the receiver, or the kernel for it, has taken one; throws `FailureError`. */
export type Sink = {
  send(notice: Notice, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/** Milliseconds for one notice, connection and all. */
export const PATIENCE_MS = 10_000;
