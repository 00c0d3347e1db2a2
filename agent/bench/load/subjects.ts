/** Stages of the machine’s own floor, each on top of the one before. */
export const FLOOR_STAGES = ['echo', 'multipart', 'verify', 'commit'] as const;
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
};

export const FLOOR: readonly Subject[] = FLOOR_STAGES.map((name) => ({ name, words: WORDS[name] }));

export const SERVERS: readonly Subject[] = [
  { name: 'sqlite', words: 'compliance-server, SQLite', goal: 2000 },
  { name: 'postgresql', words: 'compliance-server, PostgreSQL', goal: 1500 },
];
