// npm run docs: writes what the schemas say into the README, between its markers.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './compile.mjs';
import { install } from './install.mjs';
import { BUILD, REPOSITORY } from './paths.mjs';

await install();
await compile();
const load = (path) => import(join(BUILD, 'agent/src', path));
const [{ withGenerated, tableMarkdown, tableOf }, { settingsMarkdown }, { ServerSettings }] =
  await Promise.all([
    load('terminal/settings-table.js'),
    load('agent/settings-table.js'),
    load('server/settings.js'),
  ]);
const path = join(REPOSITORY, 'README.md');
const parts = {
  settings: settingsMarkdown(),
  'server settings': tableMarkdown(tableOf(ServerSettings)),
};
const readme = Object.entries(parts).reduce(
  (text, [name, part]) => withGenerated(text, name, part),
  readFileSync(path, 'utf8'),
);
writeFileSync(path, readme);
