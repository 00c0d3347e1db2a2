// Loads the programs' own files, which the build has compiled already: V8 takes its code from FILE.code where it is of
// this very V8, and compiles the source where it is not. What it has not compiled yet it compiles when it is called.
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { dirname, relative, resolve } = require('node:path');
const { Script } = require('node:vm');

const loaded = new Map();
const requirePackage = createRequire(__filename);

/** As `require` of one of the programs' files. `compiled` is told of each script once it has run. */
exports.load = function load(file, compiled) {
  const known = loaded.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(file, module);
  const code = `${file}.code`;
  const script = new Script(wrap(readFileSync(file, 'utf8')), {
    // The same in whichever folder it was built. Copied, since V8 keeps the whole path with what is cut from it.
    filename: Buffer.from(relative(__dirname, file)).toString(),
    cachedData: existsSync(code) ? readFileSync(code) : undefined,
  });
  const folder = dirname(file);
  const requireFrom = (name) =>
    name.startsWith('.') ? load(resolve(folder, name), compiled) : requirePackage(name);
  script.runInThisContext().call(module.exports, module.exports, requireFrom, module, file, folder);
  compiled?.(file, script);
  return module.exports;
};
