import type { Command } from 'commander';
import { withConfig } from '../config-option.ts';

export function declareHosts(program: Command): void {
  const hosts = program
    .command('hosts')
    .description('Enrol hosts and end their enrolment.')
    .addHelpText(
      'after',
      `
Examples:
  compliance-agent keys show --enrol > host-1.json      (on the host)
  compliance-server hosts enrol host-1.json             (on the server)
  compliance-server hosts list
  compliance-server hosts revoke host-1
  compliance-server hosts retire host-1`,
    );

  withConfig(hosts.command('enrol'))
    .description('Enrol a host by what compliance-agent keys show --enrol printed there.')
    .argument('<file>', 'the JSON, or - for standard input')
    .option('--replace-key', 'the host lost its key: take nothing new that the old one signed')
    .action(async (file, options) => (await import('./enrol.ts')).enrolHost(file, options));

  withConfig(hosts.command('list'))
    .description('List hosts, how far their chains are held, gaps and forks.')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./list.ts')).listHosts(options));

  withConfig(hosts.command('revoke'))
    .description('Trust a host no longer. What it sent stays.')
    .argument('<host>')
    .action(async (host, options) => (await import('./end.ts')).endHost(host, 'revoked', options));

  withConfig(hosts.command('retire'))
    .description('A host is gone for good; its silence is no alarm. What it sent stays.')
    .argument('<host>')
    .action(async (host, options) => (await import('./end.ts')).endHost(host, 'retired', options));
}
