// npm run docs: writes what the schemas say into the README, between its markers.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './compile.mjs';
import { install } from './install.mjs';
import { BUILD, REPOSITORY } from './paths.mjs';

await install();
await compile();
const { settingsMarkdown, withSettings } = await import(
  join(BUILD, 'agent/src/agent/settings-table.js')
);
const readme = join(REPOSITORY, 'README.md');
writeFileSync(readme, withSettings(readFileSync(readme, 'utf8'), settingsMarkdown()));
