// What the manual pages say beside the commands and settings. Bundled by manual.mjs, since it reads TypeScript.
import { agentProgram } from '../src/agent/cli/program.ts';
import { settingsTable } from '../src/agent/settings-table.ts';
import { serverProgram } from '../src/server/cli/program.ts';
import { ServerSettings } from '../src/server/settings.ts';
import { manualPage } from '../src/terminal/manual.ts';
import { tableOf } from '../src/terminal/settings-table.ts';
import { VERSION } from '../src/version.ts';

const USAGE = [64, 'The command was used wrongly.'];
const CONFIG = [
  78,
  'Settings or another file that people write are wrong; every wrong field is named.',
];

export const manuals = {
  'compliance-agent.8': manualPage({
    program: agentProgram(),
    section: 8,
    version: VERSION,
    settings: settingsTable(),
    configFile: '/etc/compliance-agent/config.yaml',
    files: [
      ['/etc/compliance-agent/config.yaml', 'Settings.'],
      ['/etc/compliance-agent/baseline.yaml', 'What this host is declared to be.'],
      ['/var/lib/compliance-agent', 'Evidence, its index, queue and outbox, the signing key.'],
      ['/var/lib/compliance-agent-root', 'Root-owned state that each remedy checks itself.'],
      ['/run/compliance-agent', 'The sockets of the privileged steps.'],
    ],
    exitCodes: [
      [0, 'Done; of check and once: compliant; of verify: everything holds.'],
      [1, 'Failed; of check and once: drift; of verify: something does not hold.'],
      [2, 'Of check and once: unknown, or not recorded.'],
      [3, 'Of status: no daemon runs.'],
      USAGE,
      CONFIG,
    ],
    seeAlso: ['compliance-server(8)', 'systemd(1)', 'journalctl(1)'],
  }),
  'compliance-server.8': manualPage({
    program: serverProgram(),
    section: 8,
    version: VERSION,
    settings: tableOf(ServerSettings),
    configFile: '/etc/compliance-server/config.yaml',
    files: [
      ['/etc/compliance-server/config.yaml', 'Settings.'],
      ['/var/lib/compliance-server', 'The database.'],
    ],
    exitCodes: [
      [0, 'Done; of verify: everything holds.'],
      [1, 'Failed; of verify: something does not hold.'],
      USAGE,
      CONFIG,
    ],
    seeAlso: ['compliance-agent(8)', 'openssl(1)'],
  }),
};
