// Keeps beside the programs' sources what they need not do at each start: what V8 compiled while they loaded and printed
// help, for load.js, and that help, for the programs' own files. A process of its own, as it becomes both programs:
// node FLAGS scripts/precompile.cjs DIST
'use strict';
const { readdirSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { setImmediate: turn } = require('node:timers/promises');
const { setFlagsFromString } = require('node:v8');

const dist = resolve(process.argv[2]);
const lib = join(dist, 'lib');
const { load } = require(join(dist, 'load.js'));
const scripts = new Map();
const keep = (file, script) => scripts.set(file, script);

/** What is run for one look: compiled whole, as most of it is called. Of the rest only what was called to load it. */
const EAGER = ['agent/cli/daemon/check.js', 'probe.js'];

process.argv = [process.execPath, 'program', '--help'];
process.on('exit', () => {
  // V8 takes compiled code only where its flags are those of the compiler; none of these is set when it is taken.
  setFlagsFromString('--lazy');
  for (const flag of process.execArgv) setFlagsFromString(flag.replace(/=.*/, '=0'));
  for (const [file, script] of scripts) writeFileSync(`${file}.code`, script.createCachedData());
});
loadAll();

async function loadAll() {
  for (const name of readdirSync(lib, { recursive: true }).sort()) {
    if (!name.endsWith('.js')) continue;
    const file = join(lib, name);
    process.stdout.write = (text) => {
      writeFileSync(`${file}.help`, text);
      return true;
    };
    setFlagsFromString(EAGER.includes(name) ? '--no-lazy' : '--lazy');
    load(file, keep);
    await turn(); // a program prints in a turn of its own
  }
}
