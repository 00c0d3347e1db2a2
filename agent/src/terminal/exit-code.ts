import { EXIT } from './exit.ts';

/** Says on standard error why a program ends, as sentences and never as a stack trace, and gives its exit code. */
export function exitCodeOf(error: unknown, program: string): number {
  const say = (text: string) => process.stderr.write(`${program}: ${text}\n`);
  if (!(error instanceof Error)) {
    say(String(error));
    return EXIT.failed;
  }
  if (error.message !== '') say(error.message.replaceAll('\n', `\n${program}: `));
  if (process.env.COMPLIANCE_AGENT_TRACE) console.error(error);
  if (error.name === 'InputError') return EXIT.config;
  return error.name === 'Exit' ? (error as Error & { code: number }).code : EXIT.failed;
}
