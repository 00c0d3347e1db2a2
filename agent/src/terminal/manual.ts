import type { EventEmitter } from 'node:events';
import type { Command } from 'commander';
import type { Row } from './settings-table.ts';

/** What a manual page says beside the commands. */
export type Manual = {
  readonly program: Command;
  readonly section: 1 | 8;
  readonly version: string;
  readonly settings: readonly Row[];
  /** Where the settings are read from by default. */
  readonly configFile: string;
  /** Files and folders with what they are for. */
  readonly files: readonly (readonly [path: string, what: string])[];
  readonly exitCodes: readonly (readonly [code: number, meaning: string])[];
  readonly seeAlso: readonly string[];
};

/** A page of man(7) made from the commander program, so that it says what `--help` says. */
export function manualPage({
  program,
  section,
  version,
  settings,
  configFile,
  files,
  exitCodes,
  seeAlso,
}: Manual): string {
  const name = program.name();
  const lines = [
    `.TH ${name.toUpperCase()} ${section} "" "${name} ${version}" "System administration"`,
    '.SH NAME',
    `${roff(name)} \\- ${roff(lowerFirst(program.description()).replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    `.B ${roff(name)}`,
    '.I command',
    '.RI [ option \\~.\\|.\\|.]',
    '.SH DESCRIPTION',
    paragraph(program.description()),
    '.SH COMMANDS',
    ...leaves(program).flatMap((command) => describe(command)),
    '.SH EXIT STATUS',
    ...exitCodes.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, paragraph(meaning)]),
    '.SH SETTINGS',
    paragraph(`Read from ${configFile}, or from the file that --config names.`),
    ...settings.flatMap(setting),
    '.SH FILES',
    ...files.flatMap(([path, what]) => ['.TP', `.I ${roff(path)}`, paragraph(what)]),
    '.SH SEE ALSO',
    seeAlso.map(reference).join(',\n'),
  ];
  return `${lines.join('\n')}\n`;
}

/** Every command that is not hidden, the nouns before their verbs. */
export function leaves(command: Command): Command[] {
  const shown = command.createHelp().visibleCommands(command);
  return shown
    .filter(({ parent }) => parent === command)
    .flatMap((child) => [child, ...leaves(child)]);
}

function describe(command: Command): string[] {
  const title = [pathOf(command), ...command.registeredArguments.map(argument)].join(' ');
  return [
    `.SS "${roff(title)}"`,
    paragraph(command.description()),
    ...command.options
      .filter(({ hidden }) => !hidden)
      .flatMap(({ flags, description, defaultValue }) => [
        '.TP',
        `.B "${roff(flags)}"`,
        paragraph(
          defaultValue === undefined || typeof defaultValue === 'object'
            ? description
            : `${description} (default: ${defaultValue})`,
        ),
      ]),
    ...command.registeredArguments.flatMap((one) =>
      one.description === '' ? [] : ['.TP', `.I "${roff(one.name())}"`, paragraph(one.description)],
    ),
    ...verbatim(helpAfter(command)),
  ];
}

/** What `addHelpText('after', …)` adds to a command’s help. */
export function helpAfter(command: Command): string {
  let text = '';
  const write = (part: string) => {
    text += part;
  };
  (command as unknown as EventEmitter).emit('afterHelp', { error: false, command, write });
  return text.trim();
}

/** `evidence verify`: a command’s name below its program. */
export function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null
    ? command.name()
    : `${pathOf(parent)} ${command.name()}`;
}

function argument(one: Command['registeredArguments'][number]): string {
  const shown = one.variadic ? `${one.name()}…` : one.name();
  return one.required ? `<${shown}>` : `[${shown}]`;
}

function setting({ field, variable, values, default: byDefault, description }: Row): string[] {
  const title = variable === null ? field : `${field}, ${variable}`;
  const range = byDefault === null ? values : `${values}; default ${byDefault}`;
  return ['.TP', `.B "${roff(title)}"`, paragraph(`${description} (${range})`)];
}

/** Lines as they stand; what is indented is a command. */
function verbatim(text: string): string[] {
  if (text === '') return [];
  return ['.PP', '.nf', ...text.split('\n').map((line) => guard(roff(line))), '.fi'];
}

function reference(page: string): string {
  const [, name = page, section = ''] = /^(.*)\((\d)\)$/.exec(page) ?? [];
  return `.BR ${roff(name)} (${section})`;
}

function paragraph(text: string): string {
  return text
    .split('\n')
    .map((line) => guard(roff(line)))
    .join('\n');
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  '’': '\\(cq',
  '‘': '\\(oq',
  '“': '\\(lq',
  '”': '\\(rq',
  '…': '.\\|.\\|.',
  '±': '\\(+-',
  '×': '\\(mu',
  '→': '\\(->',
  '≥': '\\(>=',
  '–': '\\(en',
  '§': '\\(sc',
  '^': '\\(ha',
  '~': '\\(ti',
  '`': '\\(ga',
  '"': '\\(dq',
};

/** Text as roff: every character that it would read otherwise, and none beyond ASCII. */
function roff(text: string): string {
  return text.replace(/[\\\-’‘“”…±×→≥–§^~`"]/g, (found) => SPECIAL[found] ?? found);
}

/** A full stop or an apostrophe at a line’s beginning would make it a request. */
function guard(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
