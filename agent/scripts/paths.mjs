import { fileURLToPath } from 'node:url';

/** `agent/`, the one npm package. */
export const AGENT = fileURLToPath(new URL('..', import.meta.url));
/** The repository. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** The repository compiled file by file beneath `agent/`, so that `tests/` resolves its libraries from here. */
export const BUILD = fileURLToPath(new URL('../.build', import.meta.url));
