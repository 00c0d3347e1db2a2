import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REPOSITORY } from '../support/suite.ts';

const SOURCE = join(REPOSITORY, 'agent', 'src');

/** Which layers each layer may import (DESIGN section 2), and which packages; `node:` modules are listed alike. */
const LAW: Record<string, { layers: string[]; files?: string[]; packages: string[] | 'any' }> = {
  wire: { layers: [], packages: ['zod', 'canonicalize', 'node:crypto'] },
  core: {
    layers: ['wire'],
    packages: ['zod', 'tweetnacl', 'temporal-polyfill', 'lossless-json', 'node:crypto'],
  },
  checks: { layers: ['wire', 'core'], packages: ['zod'] },
  remedies: { layers: ['wire', 'core'], packages: ['zod'] },
  effects: { layers: ['wire', 'core', 'version.ts'], packages: 'any' },
  terminal: { layers: ['wire', 'core', 'version.ts'], packages: 'any' },
  agent: {
    layers: ['wire', 'core', 'checks', 'remedies', 'effects', 'terminal', 'version.ts'],
    packages: 'any',
  },
  server: {
    layers: ['wire', 'core', 'terminal', 'version.ts'],
    // How a key file and a settings file are read is said once, for agent and server.
    files: [
      'effects/keys.ts',
      'effects/durable.ts',
      'effects/document.ts',
      // What a packet is, and which controls there are.
      'effects/packet/write.ts',
      'checks/index.ts',
    ],
    packages: 'any',
  },
  'version.ts': { layers: [], packages: [] },
};

type Import = { file: string; layer: string; target: string };

function imports(): Import[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(SOURCE, file), 'utf8');
      const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g);
      return [...found].map(([, target = '']) => ({
        file,
        layer: file.split('/')[0] ?? '',
        target,
      }));
    });
}

test('every layer is named in the law', () => {
  assert.equal(
    readdirSync(SOURCE).filter((name) => LAW[name] === undefined),
    [],
  );
});

test('no file imports a layer or package that its own layer may not', () => {
  const all = imports();
  assert.ok(all.length > 20, 'imports were found at all');
  const broken = all.filter(({ file, layer, target }) => {
    const law = LAW[layer];
    if (law === undefined) return true;
    if (!target.startsWith('.')) {
      const name =
        target.startsWith('node:') || target.startsWith('@') ? target : target.split('/')[0];
      return law.packages !== 'any' && !law.packages.includes(name ?? '');
    }
    const path = relative(SOURCE, resolve(dirname(join(SOURCE, file)), target));
    assert.ok(existsSync(join(SOURCE, path)), `${file} imports ${target}`);
    const other = path.split('/')[0] ?? '';
    return other !== layer && !law.layers.includes(other) && !law.files?.includes(path);
  });
  assert.equal(
    broken.map(({ file, target }) => `${file} imports ${target}`),
    [],
  );
});

// `import { z }` names one object that holds all of zod, 135 KB that no bundler can thin.
test('zod is imported as a namespace, so that a bundle holds only what it uses', () => {
  const all = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) =>
      [...readFileSync(join(SOURCE, path), 'utf8').matchAll(/^.*'zod(?:\/[^']*)?'.*$/gm)].map(
        ([line]) => ({ path, line }),
      ),
    );
  assert.ok(all.length > 20, 'imports were found at all');
  const allowed = /^import (type .+|\* as z) from 'zod';$/;
  const broken = all.filter(({ line }) => !allowed.test(line));
  assert.equal(
    broken.map(({ path, line }) => `${path}: ${line}`),
    [],
  );
});

test('decisions read no clock and no chance', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /^(wire|core|checks|remedies)\/.*\.ts$/.test(path),
  );
  const broken = files.filter((path) =>
    /Date\.now\(|new Date\(\)|Math\.random\(|randomUUID\(|randomBytes\(|\bprocess\.[a-z]+[.([]|setTimeout\(/.test(
      readFileSync(join(SOURCE, path), 'utf8'),
    ),
  );
  assert.equal(broken, []);
});

test.run();
