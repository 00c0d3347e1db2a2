/** What is asked of a load on the command line. */
export type LoadOptions = {
  readonly subjects: readonly string[];
  readonly clients: number;
  /** Of each client in each round. */
  readonly bundles: number;
  readonly rounds: number;
  /** Makes the keys and the contents of all hosts: the same load for the same number. */
  readonly seed: number;
  readonly json: boolean;
  /** Where the servers leave a CPU profile each; null: they are not profiled. */
  readonly profile: string | null;
  /** Of `backlog`. */
  readonly hosts: number;
  /** Connections of `idle`, bundles of `backlog`. */
  readonly count: number | null;
};

export function readOptions(args: readonly string[]): LoadOptions {
  const value = (name: string) =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const number = (name: string, otherwise: number) => Number(value(name) ?? otherwise);
  return {
    subjects: args.filter((arg) => !arg.startsWith('--')),
    clients: number('clients', 64),
    bundles: number('bundles', 100),
    rounds: number('rounds', 3),
    seed: number('seed', 1),
    json: args.includes('--json'),
    profile: value('profile') ?? null,
    hosts: number('hosts', 4),
    count: value('count') === undefined ? null : number('count', 0),
  };
}
