import { isProbe } from '../../../wire/probe.ts';
import { runProbe } from './main.ts';

/**
 * `compliance-agent probe NAME [--config FILE]` as a privileged unit runs it: no parser of commands, no schema, and one
 * file (scripts/build.mjs), since the agent waits for it in each cycle. Whatever else is asked is for the commands.
 */
const [name, option, config, ...rest] = process.argv.slice(3);
const known = option === undefined || (option === '--config' && config !== undefined);
if (isProbe(name) && known && rest.length === 0) void runProbe(name, { config, root: '/' });
else require('./compliance-agent.js');
