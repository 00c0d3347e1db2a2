import { FailureError } from '../../wire/failure.ts';

/** One line of `/proc/PID/mountinfo` (proc_pid_mountinfo(5)). */
export type Mount = {
  /** `major:minor`; major 0 is an anonymous device, as tmpfs, btrfs, overlay and ZFS have. */
  readonly device: string;
  readonly target: string;
  readonly fstype: string;
  readonly source: string;
  readonly options: readonly string[];
};

/** One line of `/proc/swaps` (proc_swaps(5)). */
export type Swap = { readonly path: string; readonly kind: 'partition' | 'file' };

/** The mounts of `/proc/PID/mountinfo` in the order in which they were made. */
export function parseMountinfo(text: string): Mount[] {
  return lines(text).map((line) => {
    const words = line.split(' ');
    const dash = words.indexOf('-', 6); // any number of optional fields stands before it
    const [, , device = '', , target = ''] = words;
    const [fstype = '', source = '', options = ''] = dash < 0 ? [] : words.slice(dash + 1);
    if (!/^\d+:\d+$/.test(device) || !target.startsWith('/') || fstype === '') {
      throw malformed('mountinfo');
    }
    return {
      device,
      target: plainText(target),
      fstype,
      source: plainText(source),
      options: options.split(',').map(plainText),
    };
  });
}

/** What is reachable at each target: a later mount hides an earlier one at the same place. */
export function visibleMounts(mounts: readonly Mount[]): Mount[] {
  return [...new Map(mounts.map((mount) => [mount.target, mount])).values()];
}

/** The mount that a path lies on. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  return visibleMounts(mounts)
    .filter(({ target }) => target === '/' || path === target || path.startsWith(`${target}/`))
    .reduce<Mount | undefined>(
      (best, next) => (best === undefined || next.target.length > best.target.length ? next : best),
      undefined,
    );
}

/** The active swap areas of `/proc/swaps`; its first line is a heading. */
export function parseSwaps(text: string): Swap[] {
  const [heading, ...rows] = lines(text);
  if (heading !== undefined && !heading.startsWith('Filename')) throw malformed('/proc/swaps');
  return rows.map((line) => {
    const [path = '', kind] = line.split(/\s+/);
    if (kind !== 'partition' && kind !== 'file') throw malformed('/proc/swaps');
    return { path: plainText(path), kind };
  });
}

const malformed = (path: string) => new FailureError('malformed', { path });

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Space, tab, newline and backslash stand as octal numbers (getmntent(3)). */
function plainText(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
