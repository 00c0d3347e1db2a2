/** Stages of the machine’s own floor, each on top of the one before; the last two commit what the third verified. */
export const FLOOR_STAGES = ['echo', 'multipart', 'verify', 'commit', 'copy'] as const;
export type FloorStage = (typeof FLOOR_STAGES)[number];

/** What is loaded: a stage of the floor, or the server with a kind of store. */
export type Subject = {
  readonly name: string;
  readonly words: string;
  /** Bundles per core-second that are wanted. */
  readonly goal?: number;
};

const WORDS: Record<FloorStage, string> = {
  echo: 'mTLS, body read, 201',
  multipart: '… and split into its parts',
  verify: '… and the signature verified by the platform',
  commit: '… and committed to SQLite in groups',
  copy: '… or copied into PostgreSQL in groups',
};

export const FLOOR: readonly Subject[] = FLOOR_STAGES.map((name) => ({ name, words: WORDS[name] }));

export const SERVERS: readonly Subject[] = [
  { name: 'sqlite', words: 'compliance-server, SQLite', goal: 2500 },
  { name: 'postgresql', words: 'compliance-server, PostgreSQL', goal: 2300 },
];

/** Those of these names; all for no name. */
export function subjectsOf(names: readonly string[]): Subject[] {
  const all = [...FLOOR, ...SERVERS];
  const unknown = names.find((name) => !all.some((subject) => subject.name === name));
  if (unknown !== undefined) throw new Error(`nobody knows ${unknown}`);
  return all.filter(({ name }) => names.length === 0 || names.includes(name));
}
