/**
 * zod writes a program for each schema before its first use and has it compiled, a seventh of what one check costs and
 * never earned back by who parses little. Its settings are shared by this name, and must be said before it is loaded.
 */
export function parseSeldom(): void {
  Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
}
