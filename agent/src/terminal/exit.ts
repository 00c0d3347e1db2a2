/** Exit codes of every command (DESIGN 9; 64 and 78 from sysexits.h; 3 where no daemon runs, as systemctl(1)). */
export const EXIT = {
  ok: 0,
  drift: 1,
  failed: 1,
  unknown: 2,
  stopped: 3,
  usage: 64,
  config: 78,
} as const;

/** Ends a command with a code and a sentence on standard error. */
export class Exit extends Error {
  override readonly name = 'Exit';
  readonly code: number;
  constructor(code: number, message = '') {
    super(message);
    this.code = code;
  }
}
