import { tableText } from '../../../terminal/table.ts';
import type { ConfigOption } from '../config-option.ts';
import { printJson } from '../json-file.ts';
import { withStore } from '../with-store.ts';

const HEAD = ['READER', 'ROLE', 'STATE', 'RESELLERS', 'SITES', 'CERTIFICATE', 'ADDED'];

export async function listReaders({
  json = false,
  ...options
}: ConfigOption & { json?: boolean }): Promise<void> {
  const readers = await withStore(options, (store) => store.readers());
  if (json) {
    return printJson(
      readers.map(({ certificate, addedAt: added_at, changedAt: changed_at, ...reader }) => ({
        ...reader,
        certificate_sha256: certificate?.sha256 ?? null,
        common_name: certificate?.commonName ?? null,
        added_at,
        changed_at,
      })),
    );
  }
  const names = (scope: readonly string[] | null) => scope?.join(', ') ?? 'all';
  const rows = readers.map(({ name, role, state, resellers, sites, certificate, addedAt }) => [
    name,
    role,
    state,
    names(resellers),
    names(sites),
    certificate?.sha256.slice(0, 16) ?? '-',
    addedAt,
  ]);
  console.log(tableText(HEAD, rows));
}
