import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { InputError, parseInput } from '../../../wire/input.ts';
import { Identifier } from '../../../wire/primitives.ts';
import { readCertificate } from '../../http/certificate.ts';
import type { ReaderCertificate } from '../../store/readers.ts';
import type { ConfigOption } from '../config-option.ts';
import { withStore } from '../with-store.ts';

const Options = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/, 'expected 1 to 63 of A-Z a-z 0-9 . _ @ -'),
  role: z.enum(['operator', 'auditor']),
  reseller: z.array(Identifier).optional(),
  site: z.array(Identifier).optional(),
});

export async function addReader(
  given: string,
  {
    config,
    certificate: file,
    ...options
  }: ConfigOption & { role: string; certificate?: string; reseller?: string[]; site?: string[] },
): Promise<void> {
  const { name, role, reseller, site } = parseInput(
    Options,
    { name: given, ...options },
    'command line',
  );
  const certificate = file === undefined ? null : readCertificateFile(file);
  const now = new Date().toISOString();
  const entry = { name, role, resellers: reseller ?? null, sites: site ?? null, certificate, now };
  const result = await withStore({ config }, (store) => store.addReader(entry));
  if (result === 'certificate_of_host') {
    throw new Exit(EXIT.failed, `${certificate?.commonName} is the name of an enrolled host`);
  }
  if (result === 'certificate_of_reader') {
    throw new Exit(EXIT.failed, 'this certificate is that of another reader');
  }
  const by = certificate === null ? 'tokens' : `certificate ${certificate.sha256}`;
  console.log(`${name} is ${role === 'auditor' ? 'an auditor' : 'an operator'}, by ${by}`);
}

function readCertificateFile(file: string): ReaderCertificate {
  try {
    return readCertificate(new X509Certificate(readFileSync(file)));
  } catch (cause) {
    const found = (cause as NodeJS.ErrnoException).code ?? 'something else';
    const expected = 'expected a certificate (PEM)';
    throw new InputError(file, [{ field: 'certificate', found, expected }], { cause });
  }
}
