import type { Command } from 'commander';

export function declareFirewall(program: Command): void {
  const firewall = program
    .command('firewall')
    .description('Digest and compare firewall rulesets.')
    .addHelpText(
      'after',
      `
FILE holds what nft -j list ruleset printed; with --backend iptables, what iptables-save or ip6tables-save printed.
What a reload, traffic or a packet may change is left out: handles, counters, elements of dynamic sets.

Examples:
  nft -j list ruleset | compliance-agent firewall digest --tables inet/nixos-fw
  compliance-agent firewall diff --tables inet/nixos-fw declared.json actual.json
  iptables-save | compliance-agent firewall digest --backend iptables`,
    );

  withSelection(firewall.command('digest'))
    .description('Print the SHA-256 of a ruleset’s canonical form.')
    .argument('[file]', 'a listing, or - for standard input', '-')
    .action(async (file, options) => (await import('./digest.ts')).printDigest(file, options));

  withSelection(firewall.command('diff'))
    .description('Name each chain and rule by which B is not A; exit 0 when alike, 1 when not.')
    .argument('<a>', 'listing of what is declared')
    .argument('<b>', 'listing of what is there, or - for standard input')
    .action(async (a, b, options) => (await import('./diff.ts')).printDiff(a, b, options));
}

function withSelection(command: Command): Command {
  const list = (value: string) => value.split(',').filter((item) => item !== '');
  return command
    .option(
      '--tables <list>',
      'declared tables as family/name, comma-separated; all if left out',
      list,
    )
    .option('--chains <list>', 'declared chains of iptables', list, ['nixos-fw*'])
    .option('--backend <name>', 'nftables or iptables; read from the listing if left out')
    .option('--json', 'print JSON');
}
