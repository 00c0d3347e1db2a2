// Has zod compile schemas when the programs are built, so that a program which meets only what they accept loads no zod
// (zod-later.js). zod writes a parser of a schema as source that names constants, and hands both to `Function`; here they
// become source of the module that declares the schema.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as bundle } from 'esbuild';
import { AGENT } from './paths.mjs';

const SOURCE = join(AGENT, 'src');
const LATER = join(AGENT, 'scripts/zod-later.js');
const ZOD = join(AGENT, 'node_modules/zod/index.js');
const COMPILER = join(AGENT, 'node_modules/zod/v4/core/compile.js');

/** What is compiled, by the module that declares it; any other schema is zod’s when it is first used. */
export const COMPILED = {
  'checks/baseline.ts': ['WholeBaseline'],
  'core/antivirus/facts.ts': ['AntivirusFacts', 'Executables'],
  'core/backup/facts.ts': ['BackupFacts'],
  'core/logging/facts.ts': ['Journal', 'LoggingFacts'],
  'core/patching/facts.ts': ['PatchingFacts'],
  'core/ruleset/facts.ts': ['FirewallFacts'],
  'core/ruleset/listing-schema.ts': ['ReferenceListing', 'RulesetListing'],
  'core/storage/facts.ts': ['EncryptionFacts'],
  'core/storage/luks-schema.ts': ['Volumes'],
  'wire/backup.ts': ['BackupStatus', 'RestoreStatus'],
  'wire/primitives.ts': ['Identifier', 'StorePath'],
  'wire/probe-document.ts': ['ProbeDocument'],
  'wire/settings.ts': [
    'given',
    'environmentSettings.baseline_path',
    'environmentSettings.ntp_max_skew_ms',
    'fileSettings.checks',
    'fileSettings.orders_allow',
    'fileSettings.remedies',
  ],
};

/** What the daemon parses besides, from its start through cycles and uploads, and what commands ask of it. */
const BESIDES = {
  'core/journal.ts': ['Journal'],
  'wire/control.ts': ['ControlAnswer', 'ControlRequest', 'CycleAnswer', 'NoParams', 'StatusAsked'],
  'wire/envelope.ts': ['CheckpointPayload', 'Envelope', 'ReceiptPayload'],
  'wire/evidence.ts': ['Bundle', 'ParsedBundle'],
  'wire/lineage.ts': ['KeyChange'],
  'wire/primitives.ts': ['AnyJson'],
  'wire/remedy.ts': ['RemedyAnswer', 'RemedyResult'],
  'wire/routes.ts': [
    'ConsistencyAnswer',
    'ErrorAnswer',
    'EvidenceAnswer',
    'HealthAnswer',
    'OrderStatusAnswer',
    'OrdersAnswer',
    'ProofAnswer',
  ],
  'wire/settings.ts': ['environmentSettings.poll_interval'],
  'wire/verdict.ts': ['CheckState'],
};
export const COMPILED_RESIDENT = Object.fromEntries(
  Object.keys({ ...COMPILED, ...BESIDES }).map((module) => [
    module,
    [...(COMPILED[module] ?? []), ...(BESIDES[module] ?? [])],
  ]),
);

/** An esbuild plugin: zod-later.js for zod, which lies in `zodFile`, and the compiled parsers beside their schemas. */
export async function schemasCompiled(common, zodFile, schemas = COMPILED) {
  const parsers = await compileAll(common, schemas);
  const zod = { contents: `export const zod = () => require(${JSON.stringify(zodFile)});` };
  return {
    name: 'schemas-compiled',
    setup(build) {
      build.onResolve({ filter: /\/zod\.js$/ }, ({ path }) =>
        path === zodFile ? { path, external: true } : undefined,
      );
      noteSchemas(build, zod, (module) => parsers.get(module));
    },
  };
}

/** For each module that declares such schemas the source to add to it. */
async function compileAll(common, schemas) {
  const modules = Object.keys(schemas);
  const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
  const outfile = join(folder, 'schemas.mjs');
  const zod = {
    // What refers to itself it does not compile: each round is a parse of its own.
    contents: `
      import * as all from ${JSON.stringify(ZOD)};
      const lazy = (_, holds) => all.custom(holds);
      export const zod = () => ({ ...all, lazy });`,
  };
  const noted = {
    name: 'schemas-noted',
    setup: (build) => noteSchemas(build, zod, (module) => exported(schemas[module])),
  };
  const from = (path) => ` from ${JSON.stringify(path)};`;
  const imports = modules.map(
    (path, at) => `import { NOTED as of${at} }${from(join(SOURCE, path))}`,
  );
  try {
    await bundle({
      ...common,
      stdin: {
        contents: `
          ${imports.join('\n')}
          export const noted = [${modules.map((_, at) => `of${at}`)}];
          export { compileFn }${from(COMPILER)}
          export { HELPERS, isLater, itself }${from(LATER)}`,
        resolveDir: AGENT,
      },
      outfile,
      format: 'esm',
      plugins: [noted],
    });
    const made = await import(pathToFileURL(outfile).href);
    return new Map(modules.map((path, at) => [path, parsersOf(made.noted[at], made)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Has modules import zod-later.js for zod, and adds to each of ours what is to be added. */
function noteSchemas({ onResolve, onLoad }, zod, added) {
  onResolve({ filter: /^zod$/ }, () => ({ path: LATER }));
  onResolve({ filter: /^zod-itself$/ }, ({ path }) => ({ path, namespace: 'zod-itself' }));
  onLoad({ filter: /^/, namespace: 'zod-itself' }, () => ({ ...zod, resolveDir: AGENT }));
  onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
    const more = added(relative(SOURCE, path));
    if (more === undefined) return undefined;
    return { contents: `${readFileSync(path, 'utf8')}\n${more}`, loader: 'ts' };
  });
}

function exported(names) {
  if (names === undefined) return undefined;
  return `export const NOTED = { ${names.map((name) => `${JSON.stringify(name)}: ${name}`)} };`;
}

function parsersOf(noted, made) {
  const parsers = Object.entries(noted).map(
    ([name, schema]) =>
      `__compiled(${name}, (REFUSED, helpers, part) => ${parserOf(schema, made)});`,
  );
  return [`import { compiled as __compiled } from ${JSON.stringify(LATER)};`, ...parsers].join(
    '\n',
  );
}

/** The source of a parser: the one that zod wrote, behind the constants that it names. */
function parserOf(schema, { compileFn, HELPERS, isLater, itself }) {
  const { parser, written } = watchingFunction(() => compileFn(itself(schema)));
  const sourceOf = (value) => {
    if (written.has(value)) {
      const { names, values, body } = written.get(value);
      const constants = names.map((name, at) => `const ${name} = ${sourceOf(values[at])};`);
      return `(() => { ${constants.join('\n')}\n${body}\n})()`;
    }
    if (typeof value === 'function') return functionSource(value);
    if (value === Symbol.for('zod.compile.invalid')) return 'REFUSED';
    if (value instanceof RegExp) return String(value);
    if (value instanceof Set) return `new Set(${JSON.stringify([...value])})`;
    if (value.format === 'url') return `{ protocol: ${value.protocol} }`;
    throw new Error(`zod compiles a schema to what is not foreseen: ${value}`);
  };
  const functionSource = (value) => {
    const helper = Object.keys(HELPERS).find((name) => HELPERS[name] === value);
    if (helper !== undefined) return `helpers.${helper}`;
    const path = pathTo(value, schema, isLater);
    if (path !== undefined) return `part(${JSON.stringify(path)})`; // a rule of the schema’s author
    if (value.name === 'throwAsync') return "() => { throw new TypeError('a rule is a promise'); }";
    if (/\.defaultValue\b/.test(value)) return `() => (${JSON.stringify(value())})`;
    throw new Error(`zod compiles a schema to a function that is not foreseen: ${value}`);
  };
  return sourceOf(parser);
}

/** Runs zod’s compiler; `written` has for each function that it made meanwhile the source and the constants. */
function watchingFunction(compile) {
  const { Function: itself } = globalThis;
  const written = new Map();
  const construct = (_, args) => {
    const factory = itself(...args);
    return (...values) => {
      const made = factory(...values);
      written.set(made, { names: args.slice(0, -1), values, body: args.at(-1) });
      return made;
    };
  };
  globalThis.Function = new Proxy(itself, { construct });
  try {
    return { parser: compile(), written };
  } finally {
    globalThis.Function = itself;
  }
}

/** Where in a schema as it is noted a function stands. */
function pathTo(wanted, part, isLater) {
  if (part === wanted) return [];
  if (typeof part !== 'object' || part === null || part instanceof RegExp) return undefined;
  for (const key of isLater(part) ? ['on', 'args'] : Object.keys(part)) {
    const path = pathTo(wanted, part[key], isLater);
    if (path !== undefined) return [key, ...path];
  }
  return undefined;
}
