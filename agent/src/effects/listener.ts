import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';

/** One socket and the fixed command that each connection starts. */
export type SocketService = {
  /** Below the runtime folder and without its ending: `probe/firewall`, `remedy/restart_av_service`. */
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Seconds after which an instance is killed, as `RuntimeMaxSec=` of the unit does. */
  readonly limit: number;
};

export type SocketListener = { readonly paths: readonly string[]; close(): Promise<void> };

/**
 * Stands in for systemd where none listens (a container, the demo): each connection to `FOLDER/NAME.sock` starts one
 * instance with the connection as its standard input and output, as `Accept=yes` does, and no second one beside it:
 * a connection meanwhile is closed empty, as `MaxConnections=1` does (systemd.socket(5)). An instance outlives the
 * listener, since a remedy outlives whoever asked for it; its standard error is the listener’s own.
 */
export async function listenForProbesAndRemedies({
  folder,
  services,
  environment = process.env,
}: {
  folder: string;
  services: readonly SocketService[];
  environment?: NodeJS.ProcessEnv;
}): Promise<SocketListener> {
  const open: { server: Server; path: string }[] = [];
  const close = async () => {
    await Promise.all(open.map(({ server }) => new Promise((done) => server.close(done))));
  };
  try {
    for (const service of services) {
      const path = join(folder, `${service.name}.sock`);
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      rmSync(path, { force: true }); // left by a listener that was killed
      open.push({ path, server: await listen(service, path, environment) });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { paths: open.map(({ path }) => path), close };
}

function listen(
  service: SocketService,
  path: string,
  environment: NodeJS.ProcessEnv,
): Promise<Server> {
  let busy = false;
  // Paused: what the client sends is for the instance, which inherits the connection unread.
  const server = createServer({ pauseOnConnect: true }, (connection) => {
    if (busy) return void connection.destroy();
    busy = true;
    startInstance(service, connection, environment, () => {
      busy = false;
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const umask = process.umask(0o177); // closed to others from the first moment
    server.listen(path, () => {
      chmodSync(path, 0o660);
      resolve(server);
    });
    process.umask(umask);
  });
}

function startInstance(
  { name, command, limit }: SocketService,
  connection: Socket,
  env: NodeJS.ProcessEnv,
  ended: () => void,
): void {
  connection.on('error', () => {}); // the client is gone; the instance learns it by EPIPE
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: [connection, connection, 'inherit'], env });
  const timer = setTimeout(() => child.kill('SIGKILL'), limit * 1000);
  const finish = () => {
    clearTimeout(timer);
    ended();
  };
  child.once('exit', finish);
  child.once('error', (error) => {
    process.stderr.write(`${name}: ${error.message}\n`);
    finish();
  });
  connection.destroy(); // our copy; the instance holds its own
  child.unref();
}
