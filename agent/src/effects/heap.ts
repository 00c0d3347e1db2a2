import { setFlagsFromString } from 'node:v8';

/**
 * Settings of V8 for a process that mostly sleeps (`node --v8-options`): the space of young objects stays as small as
 * it begins; what runs for milliseconds is interpreted, as the compilers and their code would stay in memory, 7 MiB of
 * it; and a collection keeps of functions that do not run only the source.
 */
const SMALL = [
  'semi-space-growth-factor=1',
  'optimize-for-size',
  'no-opt',
  'no-sparkplug',
  'bytecode-old-age=0',
];

/** Makes the process one that takes little memory. To be called before anything large is loaded. */
export function keepSmall(): void {
  for (const flag of SMALL) setFlagsFromString(`--${flag}`);
}

/**
 * Settings of V8 for a command that goes through much and keeps little: the space of young objects stays as small as it
 * begins, where it would grow to 32 MiB, and the old one follows what is alive. To be said before anything large is loaded.
 */
export function keepFlat(): void {
  for (const flag of ['semi-space-growth-factor=1', 'optimize-for-size'])
    setFlagsFromString(`--${flag}`);
}

/** Has V8 compile what runs often, for as long as there is much to do. */
export async function whileBusy<T>(work: () => Promise<T>): Promise<T> {
  setFlagsFromString('--opt');
  try {
    return await work();
  } finally {
    setFlagsFromString('--no-opt');
  }
}
