import { type Command, InvalidArgumentError } from 'commander';

export type ServeOptions = {
  runtimeDir: string;
  config?: string;
  root?: string;
  within: ReadonlyMap<string, readonly string[]>;
};

/** `sockets serve`: hidden, since on a host with systemd its socket units listen. */
export function declareSockets(program: Command): void {
  const sockets = program.command('sockets', { hidden: true });
  sockets.description('sockets of probes and remedies where no systemd listens');
  sockets
    .command('serve')
    .description('Starts `probe NAME` or `remedy NAME` on each connection, until it is stopped.')
    .requiredOption('--runtime-dir <folder>', 'folder of the sockets')
    .option('--config <file>', 'settings that each instance is given')
    .option('--root <dir>', 'folder that each remedy takes for /')
    .option(
      '--within <name=command>',
      'runs the instances of a socket by a command, as probe/firewall="nsenter --net=/run/netns/clinic"; repeatable',
      collectPrefix,
      new Map<string, readonly string[]>(),
    )
    .action(async (options: ServeOptions) => {
      const { serveSockets } = await import('./serve.ts');
      await serveSockets(options);
    });
}

function collectPrefix(value: string, found: Map<string, readonly string[]>) {
  const at = value.indexOf('=');
  const words = value
    .slice(at + 1)
    .split(/\s+/)
    .filter(Boolean);
  if (at < 1 || words.length === 0) throw new InvalidArgumentError('expected NAME=COMMAND');
  return found.set(value.slice(0, at), words);
}
