import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority, type Issued } from '../../agent/demo/certificates.ts';

const YESTERDAY = () => new Date(Date.now() - 24 * 3600 * 1000);
const LAST_YEAR = () => new Date(Date.now() - 365 * 24 * 3600 * 1000);

export type TestAuthority = {
  readonly authority: Authority;
  readonly folder: string;
  /** Writes a text into the folder and gives its path. */
  file(name: string, text: string): string;
  /** Files of a certificate and its key. */
  files(name: string, issued: Issued): { certFile: string; keyFile: string };
  readonly caFile: string;
  /** A certificate for 127.0.0.1 and localhost. */
  server(): Promise<Issued>;
  expiredServer(): Promise<Issued>;
  client(hostId: string): Promise<Issued>;
  expiredClient(hostId: string): Promise<Issued>;
  remove(): void;
};

/** A certificate authority whose files lie in a temporary folder. */
export async function testAuthority(name = 'Test authority'): Promise<TestAuthority> {
  const authority = await createAuthority({ name });
  const folder = mkdtempSync(join(tmpdir(), 'compliance-ca-'));
  const file = (path: string, text: string): string => {
    writeFileSync(join(folder, path), text, { mode: 0o600 });
    return join(folder, path);
  };
  const names = ['localhost', '127.0.0.1'];
  const past = () => ({ notBefore: LAST_YEAR(), notAfter: YESTERDAY() });
  return {
    authority,
    folder,
    file,
    files: (stem, { certificate, key }) => ({
      certFile: file(`${stem}.crt`, certificate),
      keyFile: file(`${stem}.key`, key),
    }),
    caFile: file('ca.crt', authority.certificate),
    server: () => authority.issueServer({ names }),
    expiredServer: () => authority.issueServer({ names, ...past() }),
    client: (commonName) => authority.issueClient({ commonName }),
    expiredClient: (commonName) => authority.issueClient({ commonName, ...past() }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
