import { open } from 'node:fs/promises';
import { Reading } from '../../core/reading.ts';
import {
  LUKS_HEAD_BYTES,
  LUKS_NAME,
  type LuksHeader,
  luksVersion,
  parseLuks1,
  parseLuks2,
  type Volume,
  type Volumes,
} from '../../core/storage/luks.ts';
import type { LuksDevice } from '../../core/storage/section.ts';
import { FailureError, toFailure } from '../../wire/failure.ts';
import { ABSOLUTE_PATH } from '../../wire/patterns.ts';
import type { Json } from '../../wire/primitives.ts';
import { resolveInRoot } from '../host/resolve.ts';
import { runToEnd } from '../program.ts';
import type { ProbeLook } from './index.ts';

type Place = Pick<ProbeLook, 'root' | 'signal'>;

/**
 * Header metadata of the LUKS devices that the baseline declares, and of no other (DESIGN 5). Needs read access to the
 * devices. One device that cannot be read is an `error` of its own, never that of the others.
 */
export async function probeVolumes({ section, ...place }: ProbeLook): Promise<Json> {
  const luks = new Reading(section, 'checks.encryption').field('luks').or([], (given) =>
    given.list((device) => ({
      name: device.field('name').text(LUKS_NAME),
      device: device.field('device').text(ABSOLUTE_PATH),
    })),
  );
  const found = await Promise.all(luks.map((device) => lookAt(device, place)));
  return { volumes: found } satisfies Volumes as Json;
}

async function lookAt(
  { name, device }: Pick<LuksDevice, 'name' | 'device'>,
  { root, signal }: Place,
): Promise<Volume> {
  try {
    const path = await resolveInRoot({ root, path: device });
    return { name, header: await readHeader(path, signal) };
  } catch (error) {
    return { name, error: toFailure(error, 'probe.volumes') };
  }
}

async function readHeader(path: string, signal: AbortSignal): Promise<LuksHeader | null> {
  const head = await readHead(path);
  const found = luksVersion(head);
  if (found === null) return null;
  if (found.version === 1) return parsed(() => parseLuks1(head));
  if (found.version !== 2)
    throw new FailureError('unsupported', { backend: `luks${found.version}` });
  const text = await dump(path, signal);
  return parsed(() => parseLuks2(text, found.uuid));
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(LUKS_HEAD_BYTES), { position: 0 });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** cryptsetup-luksDump(8). Without locks: the header is only read, and the sandbox shows no /run/cryptsetup. */
async function dump(path: string, signal: AbortSignal): Promise<string> {
  const tool = 'cryptsetup';
  const { stdout, exitCode } = await runToEnd({
    program: tool,
    tool,
    args: ['luksDump', '--dump-json-metadata', '--disable-locks', '--batch-mode', '--', path],
    env: { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' },
    signal,
  });
  if (exitCode === 0) return stdout;
  throw new FailureError('tool_failed', { tool, exit_code: exitCode });
}

/** What no schema expects is `malformed`, not a defect of ours. */
function parsed(parse: () => LuksHeader): LuksHeader {
  try {
    return parse();
  } catch (cause) {
    throw new FailureError('malformed', { tool: 'cryptsetup' }, { cause });
  }
}
