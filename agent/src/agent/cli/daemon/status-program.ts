import { readFileSync, statSync } from 'node:fs';
import { askText } from '../../../effects/control/ask-text.ts';
import { allowsColour } from '../../../terminal/allows-colour.ts';
import { mayBeTerminal, print } from '../../../terminal/print.ts';
import { DEFAULT_CONFIG, DEFAULT_STATE_DIR, ENV_PREFIX } from '../../../wire/paths.ts';
import { controlSocket } from '../../control/socket-path.ts';

/**
 * `compliance-agent status [--json] [--config FILE]` where a daemon runs: no parser of commands, no schema, no YAML, and
 * one file (scripts/build.mjs). The daemon says how it is in the very bytes that `status.ts` would print, to whoever shows
 * it the settings that it has itself checked and taken up. Whatever else there is, `status.ts` finds and tells: then
 * nothing is printed, and it gives false.
 */
export async function status(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2));
  if (options === null || Object.keys(process.env).some((name) => name.startsWith(ENV_PREFIX)))
    return false;
  const { config, json } = options;
  const settings = readSettings(config);
  if (settings === null) return false;
  const colour = allowsColour && mayBeTerminal() && (await import('node:tty')).isatty(1);
  const path = controlSocket(stateDirOf(settings));
  const request = { verb: 'status text', params: { settings, json, colour } };
  const text = await askText({ path, request }).catch(() => null);
  if (text === null || !isPlain(text, colour)) return false;
  if (print(`${text}\n`)) process.exit(0); // at once: what Node would tidy up goes with the process
  return true;
}

/** Null where there is anything but `status`, `--json` and `--config FILE`. */
function readOptions([verb, ...args]: readonly string[]): {
  json: boolean;
  config?: string;
} | null {
  let json = false;
  let config: string | undefined;
  while (args.length > 0) {
    const option = args.shift();
    if (option === '--json') json = true;
    else if (option === '--config' && args[0]?.startsWith('-') === false) config = args.shift();
    else return null;
  }
  return verb !== 'status' ? null : config === undefined ? { json } : { json, config };
}

/** As text; empty where nobody named them and there are none. What can be read but once is left to `status.ts`. */
function readSettings(config: string | undefined): string | null {
  const path = config ?? DEFAULT_CONFIG;
  try {
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : null;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing && config === undefined ? '' : null;
  }
}

/**
 * Where a daemon with these settings listens. As the Nix module writes them they are JSON; of YAML no more is understood
 * than a path on the line of its name. A wrong guess finds no daemon that knows these settings.
 */
function stateDirOf(settings: string): string {
  const written = /^\s*\{/.test(settings)
    ? /"state_dir"\s*:\s*"(\/[^"\\]*)"/.exec(settings)
    : /^state_dir:[ \t]+["']?(\/[^"'#\s]*)["']?[ \t]*$/m.exec(settings);
  return written?.[1] ?? DEFAULT_STATE_DIR;
}

/** The daemon holds no privilege: it may end lines and colour them (ECMA-48, SGR), and nothing else of root’s terminal. */
function isPlain(text: string, colour: boolean): boolean {
  const words = colour ? text.replace(/\x1b\[(?:1|2|22|31|32|33|39)m/g, '') : text;
  return !/[\0-\x09\x0b-\x1f\x7f-\x9f]/.test(words);
}
