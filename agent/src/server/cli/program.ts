import type { Command } from 'commander';
import { createProgram } from '../../terminal/program.ts';

/** Every command of `compliance-server`, declared without loading what it needs. */
export function serverProgram(): Command {
  return createProgram(
    'compliance-server',
    'Receives, verifies and keeps the evidence of many hosts; carries orders signed elsewhere.',
  );
}
