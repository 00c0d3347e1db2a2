import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as uvuTest } from 'uvu';

/** The repository: tests run from agent/.build/tests/support. */
export const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
export const FIXTURES = join(REPOSITORY, 'tests', 'fixtures');
export const VECTORS = join(REPOSITORY, 'tests', 'vectors');
/** The team's shared data, beside the repository; a test that needs it skips where it is absent. */
export const SHARED = join(REPOSITORY, '..', 'shared', 'data');
/** The bundled programs. */
export const DIST = join(REPOSITORY, 'agent', 'dist');

const onPath = (program: string) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .concat('/usr/sbin', '/sbin')
    .some((folder) => {
      try {
        accessSync(join(folder, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

type Need = { tools?: readonly string[]; root?: boolean; paths?: readonly string[] };

/** What is missing of what a test needs, in words; null where nothing is. */
export function missing({ tools = [], root = false, paths = [] }: Need): string | null {
  const reasons = [
    ...tools.filter((tool) => !onPath(tool)).map((tool) => `no ${tool}`),
    ...(root && process.getuid?.() !== 0 ? ['not root'] : []),
    ...paths.filter((path) => !existsSync(path)).map((path) => `no ${path}`),
  ];
  return reasons.length === 0 ? null : reasons.join(', ');
}

type Body = () => void | Promise<void>;

/**
 * A test that needs a tool, root or a path. Where it is missing the test is skipped and says so; in CI a skip for a
 * missing tool is a failure, since `.ci/run` installs the tools.
 */
export function testWith(need: Need, name: string, body: Body): void {
  const reason = missing(need);
  if (reason === null) uvuTest(name, body);
  else if (process.env.CI && missing({ ...need, paths: [] }) !== null) {
    uvuTest(name, () => {
      throw new Error(`cannot run in CI: ${reason}`);
    });
  } else {
    console.log(`skipped: ${name} (${reason})`);
    uvuTest.skip(name, body);
  }
}
