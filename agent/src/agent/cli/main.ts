import { isProbe } from '../../wire/probe.ts';

const [verb, name, ...options] = process.argv.slice(2);
// A privileged unit's own call needs no commands: what answers it is one small file (scripts/build.mjs), since the
// agent waits for it in each cycle.
if (verb === 'probe' && isProbe(name) && options.length === 0) require('./probe.js');
else void import('./start.ts');
