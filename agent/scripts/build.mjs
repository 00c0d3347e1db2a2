// Bundles the programs into dist/. Each program is a small file that declares the commands; what a command needs is a
// module of its own in lib/, loaded when the command runs; shared parts are chunks. All of it is CommonJS, as Node's
// loader of ES modules costs each start 5 ms of CPU and 2 MiB, and is kept compiled beside its source (load.js).
// viewer/ is for browsers.
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as bundle, transform } from 'esbuild';
import { COMPILED_RESIDENT, schemasCompiled } from './compile-schemas.mjs';
import { localTimeFormat } from './local-time.mjs';
import { writeManuals } from './manual.mjs';
import { AGENT } from './paths.mjs';
import { run } from './run.mjs';

const SOURCE = join(AGENT, 'src');
const ENTRIES = {
  'compliance-agent': 'src/agent/cli/main.ts',
  'compliance-server': 'src/server/cli/main.ts',
};

/** What is run for one look and ends is whole, as what privileged units run: a fourth less memory and time to load. */
const WHOLE = 'src/agent/cli/daemon/check.ts';
/** What stays: with what zod compiled of its schemas in the place of zod, which is a tenth of its memory. */
const RESIDENT = 'src/agent/cli/daemon/run.ts';
/** Where it finds lib/. */
const FROM_WHOLE = '../../../';

/** Loaded for what is no JSON, which the Nix module writes. */
const YAML = /\/yaml\.ts$/;

/** Bundled CommonJS packages ask for Node's modules by require, which an ES module has not. */
const REQUIRE = {
  js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
};
/** What a CommonJS file calls its own address. */
const OWN_ADDRESS = "require('node:url').pathToFileURL(__filename).href";

/** better-sqlite3’s compiled part, which stays a file of its package. */
const ADDON = 'better-sqlite3/build/Release/better_sqlite3.node';

export async function build() {
  const { version } = JSON.parse(readFileSync(join(AGENT, 'package.json'), 'utf8'));
  const common = {
    absWorkingDir: AGENT, // outputs name relative paths only: the same bytes in any folder
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    tsconfigRaw: {}, // its `paths` would lead past what packages export, to their CommonJS: three times the code
    external: [ADDON],
    define: { __VERSION__: JSON.stringify(version) },
    logLevel: 'warning',
  };
  const dist = join(AGENT, 'dist');
  rmSync(dist, { recursive: true, force: true });
  const loaded = new Set([join(SOURCE, 'effects/yaml.ts')]);
  await bundle({
    ...common,
    entryPoints: { ...ENTRIES, run: 'src/agent/cli/daemon/run-program.ts' },
    outdir: 'dist/lib',
    format: 'cjs',
    supported: { 'dynamic-import': false }, // but require
    plugins: [noSubprograms, leaveToLib(loaded)],
  });
  // What privileged units run and what is asked most is whole, in one file: loading many costs more than looking does.
  await bundle({
    ...common,
    entryPoints: {
      probe: 'src/agent/cli/probe/unit.ts',
      status: 'src/agent/cli/daemon/status-program.ts',
    },
    outdir: 'dist/lib',
    format: 'cjs',
    supported: { 'dynamic-import': false },
    external: [...common.external, './compliance-agent.js'],
    plugins: [leaveToLib(loaded, /\/effects\/document\.ts$/)], // YAML’s parser, where the baseline is no JSON
  });
  writeFileSync(join(dist, 'package.json'), '{"type":"commonjs"}\n');
  cpSync(join(AGENT, 'scripts/load.cjs'), join(dist, 'load.js'));
  for (const name of Object.keys(ENTRIES)) {
    cpSync(join(AGENT, 'scripts/start.cjs'), join(dist, `${name}.js`));
    chmodSync(join(dist, `${name}.js`), 0o755);
  }
  await writeManuals({ ...common, banner: REQUIRE, plugins: [englishOnly, leaveToLib(new Set())] });
  await bundle({
    ...common,
    entryPoints: ['src/server/views/browser/verify.ts'],
    outdir: 'dist/viewer', // what the control server’s pages run in a browser
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    splitting: true,
    chunkNames: 'chunk-[hash]',
  });
  if (loaded.size === 0) return;
  const split = {
    ...common,
    outdir: 'dist/lib',
    format: 'esm', // the one that esbuild splits
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    write: false,
  };
  const compiled = await schemasCompiled(common, `${LIB}zod.js`, COMPILED_RESIDENT);
  const leaner = [poolOnly, cronWithoutIntl, addonInPlace, unusedParts, whenUsed];
  const named = (paths) => Object.fromEntries(paths.map((path) => [libName(path), path]).sort());
  const parts = [...loaded].filter((path) => ![WHOLE, RESIDENT].includes(relative(AGENT, path)));
  const ofServer = (path) => libName(path).startsWith('server/');
  const bundles = await Promise.all([
    bundle({
      ...split,
      entryPoints: {
        ...named(parts.filter(ofServer)),
        ...Object.fromEntries(Object.keys(WHEN_USED).map((name) => [name, `the-package/${name}`])),
      },
      plugins: [englishOnly, ...leaner],
    }),
    ...[named(parts.filter((path) => !ofServer(path))), named([join(AGENT, RESIDENT)])].map(
      (entryPoints) =>
        bundle({
          ...split,
          entryPoints,
          logOverride: { 'import-is-undefined': 'error' },
          plugins: [...leaner, compiled],
        }),
    ),
  ]);
  await Promise.all(bundles.flatMap(({ outputFiles }) => outputFiles).map(writeCommonJs));
  await bundle({
    ...common,
    entryPoints: [WHOLE],
    outbase: 'src',
    outdir: 'dist/lib',
    format: 'cjs',
    supported: { 'dynamic-import': false },
    logOverride: { 'import-is-undefined': 'error' }, // of zod, what its stand-in lacks
    plugins: [
      leaveToLib(loaded, YAML, FROM_WHOLE),
      await schemasCompiled(common, `${FROM_WHOLE}zod.js`),
    ],
  });
  await bundle({
    ...common,
    entryPoints: { zod: 'zod' }, // for that, when it refuses something
    outdir: 'dist/lib',
    format: 'cjs',
    plugins: [englishOnly],
  });
  // Fixed seeds, and space enough that no garbage is collected: else the bytes of what is compiled are others each time.
  const same = ['--hash-seed=1', '--random-seed=1', '--min-semi-space-size=64'];
  await run(process.execPath, [...same, join(AGENT, 'scripts/precompile.cjs'), dist]);
}

const libName = (path) => relative(SOURCE, path).replace(/\.ts$/, '');

async function writeCommonJs({ path, text: written }) {
  const lib = `./${relative(dirname(path), join(AGENT, 'dist/lib'))}/`;
  // By its own require: that of esbuild's shim is the one of the chunk in which it lies, perhaps in another folder.
  const text = written.replaceAll(`__require("${LIB}`, `require("${lib}`).replaceAll(LIB, lib);
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20.18',
    minifySyntax: true,
    minifyWhitespace: true,
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '__ownAddress' },
    logLevel: 'warning',
  });
  const uses = code.includes('__ownAddress') ? `const __ownAddress=${OWN_ADDRESS};` : '';
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, uses + code);
}

/** zod carries its messages in fifty languages; ours are English. */
const englishOnly = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/** commander can start each subcommand as a program of its own; ours are not, and `child_process` costs 4 ms of CPU. */
const noSubprograms = {
  name: 'no-subprograms',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'nothing', namespace: 'nothing' } : undefined,
    );
    onLoad({ filter: /^/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** undici's index loads everything that it can be; a pool of connections and `request` are a third of that. */
const poolOnly = {
  name: 'pool-only',
  setup({ onLoad }) {
    onLoad({ filter: /undici\/index\.js$/ }, () => ({
      contents: `
        Object.assign(require('./lib/dispatcher/dispatcher').prototype, require('./lib/api'));
        module.exports = { Pool: require('./lib/dispatcher/pool') };`,
    }));
  },
};

/** Large packages of which one thing is used, and that seldom: a file of its own each, loaded when it is. */
const WHEN_USED = { 'temporal-polyfill': 'Temporal', tweetnacl: 'default' };
/** Stands for the way from a file to lib/, until it is known where that file lies. */
const LIB = 'the-folder-of-libraries/';
const whenUsed = {
  name: 'when-used',
  setup({ onResolve, onLoad, resolve: find }) {
    onResolve({ filter: /^the-package\// }, ({ path, resolveDir }) =>
      find(path.replace('the-package/', ''), {
        kind: 'import-statement',
        resolveDir,
        pluginData: WHEN_USED,
      }),
    );
    onResolve({ filter: /^(temporal-polyfill|tweetnacl)$/ }, ({ path, pluginData }) =>
      pluginData === WHEN_USED ? undefined : { path, namespace: 'when-used' },
    );
    onResolve({ filter: new RegExp(`^${LIB}`) }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /^/, namespace: 'when-used' }, ({ path }) => ({
      contents: `
        const whenUsed = new Proxy({}, {
          get: (_, part) => require('${LIB}${path}.js').${WHEN_USED[path]}[part],
        });
        export { whenUsed as ${WHEN_USED[path]} };`,
    }));
  },
};

/** undici could speak HTTP/2 and pino hand its lines to a thread; ours do neither, and Node's modules for that are large. */
const unusedParts = {
  name: 'unused-parts',
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /\/(undici\/lib\/dispatcher\/client-h2|pino\/lib\/transport)\.js$/ }, () => ({
      contents: 'module.exports = undefined;',
    }));
    onResolve({ filter: /^worker_threads$/ }, ({ importer }) =>
      importer.includes('/pino/') ? { path: 'threads', namespace: 'unused' } : undefined,
    );
    onLoad({ filter: /^/, namespace: 'unused' }, () => ({
      contents: 'exports.isMainThread = true;',
    }));
  },
};

/** node-cron asks `Intl` for the hour also where no time zone is named. */
const cronWithoutIntl = {
  name: 'cron-without-intl',
  setup({ onLoad }) {
    onLoad({ filter: /node-cron\/dist\/_shared\.js$/ }, ({ path }) => {
      const parts = readFileSync(path, 'utf8').split('= new Intl.DateTimeFormat(');
      if (parts.length !== 3) throw new Error('node-cron asks Intl otherwise than it did');
      const asked = parts.join('= !timezone ? localTimeFormat() : new Intl.DateTimeFormat(');
      return { contents: `${asked}\n${localTimeFormat}` };
    });
  },
};

/** better-sqlite3 has its compiled part looked for in a dozen places; that and its many files cost 9 ms of CPU. */
const addonInPlace = {
  name: 'addon-in-place',
  setup({ onLoad }) {
    onLoad({ filter: /better-sqlite3\/lib\/database\.js$/ }, ({ path }) => {
      const parts = readFileSync(path, 'utf8').split("require('bindings')('better_sqlite3.node')");
      if (parts.length !== 2) throw new Error('better-sqlite3 looks for its add-on otherwise');
      return { contents: parts.join(`require('${ADDON}')`) };
    });
  },
};

/** A dynamic import of our own in an entry becomes an import of that module's bundle in lib/. */
function leaveToLib(loaded, which = /^/, lib = './') {
  return {
    name: 'leave-to-lib',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ kind, path, importer }) => {
        if (kind !== 'dynamic-import' || !which.test(path)) return undefined;
        const target = resolve(dirname(importer), path);
        loaded.add(target);
        return {
          path: `${lib}${libName(target)}.js`,
          external: true,
        };
      });
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await build();
