#!/usr/bin/env node
// Starts the program that this file is named after. Its own --help, which the build has printed already (precompile.cjs),
// is there without its commands: a third of the time. A terminal of another width has it laid out anew.
'use strict';
const { basename, join } = require('node:path');
const { argv, stdout } = process;
const program = basename(__filename);
// A privileged unit's call needs no commands: they are not even read.
const name = program === 'compliance-agent.js' && argv[2] === 'probe' ? 'probe.js' : program;
const file = join(__dirname, 'lib', name);

if (argv.length === 3 && argv[2] === '--help' && (stdout.columns ?? 80) === 80)
  stdout.write(require('node:fs').readFileSync(`${file}.help`));
else require('./load.js').load(file);
