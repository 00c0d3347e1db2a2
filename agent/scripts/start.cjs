#!/usr/bin/env node
// Starts the program that this file is named after. Its own --help, which the build has printed already (precompile.cjs),
// is there without its commands: a third of the time. A terminal of another width has it laid out anew.
'use strict';
const { fstatSync, readFileSync, writeSync } = require('node:fs');
const { basename, join } = require('node:path');
const { argv } = process;
const program = basename(__filename);
const agent = program === 'compliance-agent.js';
// A privileged unit's call needs no commands: they are not even read.
const file = join(__dirname, 'lib', agent && argv[2] === 'probe' ? 'probe.js' : program);
const load = (path) => require('./load.js').load(path);
const start = () => load(file);

// Nor does what stays, which would keep them in memory, nor what is asked most: small as it is, it is compiled sooner
// than load.js finds it compiled.
if (agent && argv[2] === 'run')
  load(join(__dirname, 'lib/run.js')).run().then((done) => done || start());
else if (agent && argv[2] === 'status')
  require('./lib/status.js').status().then((done) => done || start());
else if (agent && argv[2] === 'check')
  load(join(__dirname, 'lib/agent/cli/daemon/check.js'))
    .checkAtOnce(argv.slice(3))
    .then((done) => done || start());
else if (argv.length !== 3 || argv[2] !== '--help' || !printHelp()) start();

// Without Node's stream for standard output where that is no terminal: it costs a tenth of the start.
function printHelp() {
  const { mode, rdev } = fstatSync(1);
  const nullDevice = rdev === 0x103; // null(4)
  if ((mode & 0o170000) === 0o020000 && !nullDevice && (process.stdout.columns ?? 80) !== 80)
    return false;
  try {
    writeSync(1, readFileSync(`${file}.help`)); // shorter than PIPE_BUF: whole or not at all (pipe(7))
    return true;
  } catch {
    return false; // nobody reads, or not now: that is for the program to handle
  }
}
