import { FailureError } from '../../wire/failure.ts';
import { StorePath } from '../../wire/primitives.ts';
import type { Unseen } from '../check.ts';
import type { Host } from '../host.ts';
import { parseNixosVersion } from '../nixos-version.ts';
import { isUnseen, orAbsent, orUnseen } from '../unseen.ts';
import type { Generation, PatchingFacts, Profile, System } from './facts.ts';
import type { PatchingSection } from './section.ts';

const PROFILES = '/nix/var/nix/profiles';
/** One store path and a newline; root alone changes it (DESIGN 5, Accepted generation). */
export const ACCEPTED_GENERATION = '/var/lib/compliance-agent-root/accepted-generation';
/** As many of the newest generations as evidence lists. */
const MAX_GENERATIONS = 32;

/** The facts of the check `patching`. A host without `/run/current-system` is no NixOS: `absent`. */
export async function lookAtPatching({
  host,
  expected,
}: {
  host: Host;
  expected: PatchingSection;
}): Promise<PatchingFacts> {
  const running = system(await host.link('/run/current-system'));
  const [booted, profile, generations, accepted, boot] = await Promise.all([
    orAbsent(host.link('/run/booted-system').then(system)),
    orAbsent(readProfile(host)),
    orUnseen(readGenerations(host)),
    readAccepted(host, expected),
    orUnseen(compareBoot(host)),
  ]);
  const nixpkgs = await readNixpkgs({ host, expected, running, accepted });
  return { running, booted, profile, generations, accepted, nixpkgs, boot };
}

function system(target: string): System {
  const path = StorePath.safeParse(target);
  return path.success ? path.data : 'not_a_store_path';
}

async function readProfile(host: Host): Promise<Profile> {
  const path = `${PROFILES}/system`;
  const target = await host.link(path);
  const generation = generationOf(target.replace(`${PROFILES}/`, ''));
  return generation === null
    ? { generation, system: system(target), made_at: await madeAt(host, path) }
    : readGeneration(host, generation);
}

async function readGenerations(host: Host): Promise<Generation[]> {
  const numbers = (await host.list(PROFILES))
    .flatMap((name) => generationOf(name) ?? [])
    .sort((a, b) => b - a);
  return Promise.all(
    numbers.slice(0, MAX_GENERATIONS).map((generation) => readGeneration(host, generation)),
  );
}

async function readGeneration(host: Host, generation: number): Promise<Generation> {
  const path = `${PROFILES}/system-${generation}-link`;
  const [target, made_at] = await Promise.all([host.link(path), madeAt(host, path)]);
  return { generation, system: system(target), made_at };
}

async function madeAt(host: Host, path: string): Promise<string> {
  const { mtimeMs } = await host.stat(path, { follow: false });
  return new Date(Math.floor(mtimeMs)).toISOString();
}

function generationOf(name: string): number | null {
  const found = /^system-([1-9]\d{0,8})-link$/.exec(name);
  return found === null ? null : Number(found[1]);
}

/** The root-owned state, and only where there is none what the baseline declares. */
async function readAccepted(
  host: Host,
  { accepted }: PatchingSection,
): Promise<PatchingFacts['accepted']> {
  const text = await orAbsent(host.read(ACCEPTED_GENERATION, { limit: 1024 }));
  if (isUnseen(text)) return text;
  if (text === null) {
    return accepted === undefined ? null : { system: accepted, source: 'baseline' };
  }
  const path = StorePath.safeParse(text.replace(/\n$/, ''));
  if (path.success) return { system: path.data, source: 'state' };
  return { unseen: { code: 'malformed', params: { path: ACCEPTED_GENERATION } } };
}

/** What nixos-rebuild and system.autoUpgrade compare to tell that a reboot is needed. */
async function compareBoot(host: Host): Promise<Exclude<PatchingFacts['boot'], Unseen>> {
  const compare = async (name: string) => {
    const [booted, running] = await Promise.all([
      orAbsent(host.link(`/run/booted-system/${name}`)),
      orAbsent(host.link(`/run/current-system/${name}`)),
    ]);
    for (const part of [booted, running]) {
      if (isUnseen(part)) throw new FailureError(part.unseen.code, part.unseen.params);
    }
    if (booted === null && running === null) return 'none'; // a container boots no kernel of its own
    return booted === running ? 'same' : 'differs';
  };
  const [kernel, initrd, kernel_modules] = await Promise.all([
    compare('kernel'),
    compare('initrd'),
    compare('kernel-modules'),
  ]);
  return { kernel, initrd, kernel_modules };
}

/** The baseline knows the nixpkgs of the accepted generation; of any other system only its own version tells. */
async function readNixpkgs({
  host,
  expected,
  running,
  accepted,
}: {
  host: Host;
  expected: PatchingSection;
  running: System;
  accepted: PatchingFacts['accepted'];
}): Promise<PatchingFacts['nixpkgs']> {
  const text = await orAbsent(host.read('/run/current-system/nixos-version', { limit: 1024 }));
  if (isUnseen(text)) return text;
  const own = parseNixosVersion(text ?? '');
  const isAccepted = accepted !== null && !isUnseen(accepted) && accepted.system === running;
  if (own.date !== null || !isAccepted || expected.nixpkgs_date === undefined) {
    return { ...own, source: 'running' };
  }
  const revision = own.revision ?? expected.nixpkgs_revision ?? null;
  return { date: expected.nixpkgs_date, revision, source: 'baseline' };
}
