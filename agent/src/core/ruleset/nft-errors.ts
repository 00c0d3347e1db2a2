/**
 * Interfaces that nft says are not there. It repeats the offending line and underlines the name with carets:
 *
 *     x.nft:2:20-25: Error: Interface does not exist
 *         iif "eth7" accept
 *             ^^^^^^
 */
export function missingInterfaces(stderr: string): string[] {
  const lines = stderr.split('\n');
  return lines.flatMap((line, index) => {
    if (!line.endsWith('Error: Interface does not exist')) return [];
    const [source = '', carets = ''] = lines.slice(index + 1, index + 3);
    const start = carets.indexOf('^');
    if (start === -1) return [];
    const name = source.slice(start, carets.lastIndexOf('^') + 1).replace(/^"|"$/g, '');
    return /^[^\s/:"]{1,15}$/.test(name) ? [name] : [];
  });
}
