import { connect, createServer, type Socket } from 'node:net';

/** The line between a host and its server, which can be cut: bytes go through as they are. */
export type Line = {
  readonly port: number;
  cut(): void;
  join(): void;
  close(): void;
};

export function layLine({ host, port }: { host: string; port: number }): Promise<Line> {
  let whole = true;
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    if (!whole) return void near.destroy();
    const far = connect({ host, port });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        ends.delete(one);
        other.destroy();
      });
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        cut() {
          whole = false;
          for (const end of ends) end.destroy();
        },
        join() {
          whole = true;
        },
        close: () => void server.close(),
      });
    });
  });
}
