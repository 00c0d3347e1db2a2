import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clinic } from '../demo/clinic.ts';
import type { Stage } from '../demo/stage.ts';
import { changeUnits } from '../demo/units.ts';
import type { Json } from '../src/wire/primitives.ts';

/** Gives the demo’s host more to watch. */
export type Grow = (clinic: Clinic, stage: Stage) => Clinic;

type Section = { [field: string]: Json };

const STATUS_DIR = 'var/lib/compliance-agent-backup';

/**
 * More units, all active: `services` of the logging and as many of the antivirus, and `jobs` of the backup with a timer
 * each. A baseline holds 16, 16 and 64.
 */
export const withUnits =
  ({ services, jobs }: { services: number; jobs: number }): Grow =>
  (clinic, stage) => {
    const named = (count: number, name: string) =>
      Array.from({ length: count }, (_, at) => `${name}-${at}`);
    const ships = named(services, 'shipper').map((name) => `${name}.service`);
    const scans = named(services, 'scanner').map((name) => `${name}.service`);
    const more = named(jobs, 'job');
    const names = [
      ...ships,
      ...scans,
      ...more.flatMap((job) => [`${job}.service`, `${job}.timer`]),
    ];
    changeUnits(stage.path('units.json'), (table) => ({
      ...table,
      ...Object.fromEntries(names.map((name) => [name, { active: true }])),
    }));
    const [daily] = (sectionOf(clinic, 'backup')['jobs'] ?? []) as Section[];
    const added: Record<string, Json[]> = {
      logging: ships.map((unit) => ({ unit })),
      antivirus: scans.map((unit) => ({ unit })),
      backup: more.map((job) => ({ ...daily, job, unit: `${job}.service`, timer: `${job}.timer` })),
    };
    const list = (id: string) => (id === 'backup' ? 'jobs' : 'units');
    return {
      ...withSections(clinic, (id, section) => {
        const old = section[list(id)];
        return Array.isArray(old)
          ? { ...section, [list(id)]: [...old, ...(added[id] ?? [])] }
          : section;
      }),
      begin() {
        clinic.begin();
        // What the demo’s one job has left, for each.
        for (const file of ['', '.restore']) {
          const status = JSON.parse(
            readFileSync(join(clinic.root, STATUS_DIR, `daily${file}.json`), 'utf8'),
          );
          for (const job of more) {
            const own =
              'unit' in status ? { ...status, job, unit: `${job}.service` } : { ...status, job };
            writeFileSync(join(clinic.root, STATUS_DIR, `${job}${file}.json`), JSON.stringify(own));
          }
        }
      },
    };
  };

/** A baseline holds so many; the other tables are foreign to it. */
const DECLARED = 64;

/** So many tables of ten rules in the kernel’s ruleset, the demo’s own among them. */
export const withTables =
  (count: number): Grow =>
  (clinic, stage) => {
    if (clinic.namespaces === null) throw new Error('tables are loaded into a namespace by root');
    const [program = '', ...enter] = clinic.namespaces.enter;
    const names = Array.from({ length: count - 1 }, (_, at) => `table-${at}`);
    const text = (tables: readonly string[]) => tables.map(tableText).join('');
    const file = stage.path('tables.nft');
    writeFileSync(file, text(names));
    execFileSync(program, [...enter, 'nft', '-f', file]);
    const declared = names.slice(0, DECLARED - 1);
    const { reference } = sectionOf(clinic, 'firewall') as { reference: { file: string } };
    appendFileSync(reference.file, text(declared));
    return withSections(clinic, (id, section) => {
      if (id !== 'firewall') return section;
      const tables = [
        ...(section['tables'] as string[]),
        ...declared.map((name) => `inet/${name}`),
      ];
      return { ...section, tables };
    });
  };

function tableText(name: string): string {
  const rules = Array.from({ length: 10 }, (_, port) => `tcp dport ${port + 1} counter accept`);
  return `table inet ${name} {\nchain input {\n${rules.join('\n')}\n}\n}\n`;
}

function sectionOf({ controls }: Clinic, id: string): Section {
  return (controls.find((control) => control.id === id)?.section ?? {}) as Section;
}

function withSections(clinic: Clinic, change: (id: string, section: Section) => Section): Clinic {
  const controls = clinic.controls.map((control) => ({
    ...control,
    section: change(control.id, control.section as Section),
  }));
  return { ...clinic, controls };
}
