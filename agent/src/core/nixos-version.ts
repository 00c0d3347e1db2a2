/** What a NixOS version says of the nixpkgs it was built from; null where it does not say. */
export type NixosVersion = { readonly date: string | null; readonly revision: string | null };

/**
 * Parses `/run/current-system/nixos-version`. A flake gives `25.05.20250601.910796c` (date of the last change and short
 * revision), a channel `25.05.803579.70c74b02eac4` (count of commits and revision), a plain checkout `25.05pre-git`.
 */
export function parseNixosVersion(text: string): NixosVersion {
  const [, count = '', last = ''] =
    /^\d\d\.\d\d(?:pre|\.)(\d+)\.(?:[^.]+\.)*([^.]+)$/.exec(text.trim()) ?? [];
  const day = /^(20\d\d)(\d\d)(\d\d)$/.exec(count)?.slice(1).join('-');
  return {
    date: day !== undefined && isDate(day) ? day : null,
    revision: /^[0-9a-f]{7,40}$/.test(last) ? last : null,
  };
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
