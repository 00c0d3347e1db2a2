import { isProbe } from '../../../wire/probe.ts';
import { runProbe } from './main.ts';

/** `compliance-agent probe NAME` as a privileged unit runs it: no option, no parser of commands, no schema. */
const name = process.argv[3];
if (isProbe(name)) void runProbe(name, { root: '/' });
