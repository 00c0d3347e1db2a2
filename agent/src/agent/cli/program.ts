import type { Command } from 'commander';
import { createProgram } from '../../terminal/program.ts';
import { declareBackup } from './backup/index.ts';
import { declareConfig } from './config/index.ts';
import { declareDaemon } from './daemon/index.ts';
import { declareEvidence } from './evidence/index.ts';
import { declareFirewall } from './firewall/index.ts';
import { declareFreeze } from './freeze/index.ts';
import { declareGeneration } from './generation/index.ts';
import { declareKeys } from './keys/index.ts';
import { declareOrders } from './orders/index.ts';
import { declarePlan } from './plan/index.ts';
import { declareProbe } from './probe/index.ts';
import { declareQueue } from './queue/index.ts';
import { declareRemedy } from './remedy/index.ts';
import { declareReport } from './report/index.ts';
import { declareSockets } from './sockets/index.ts';

/**
 * Every command of `compliance-agent`, declared without loading what it needs: each action imports its own file, so
 * `--help` costs little more than bare Node. One folder a noun: `cli/NOUN/index.ts` declares, `cli/NOUN/VERB.ts` does.
 */
export function agentProgram(): Command {
  const program = createProgram(
    'compliance-agent',
    'Checks six HIPAA controls of this host, heals what drifted and leaves signed evidence.',
  );
  declareDaemon(program);
  declarePlan(program);
  declareBackup(program);
  declareConfig(program);
  declareEvidence(program);
  declareReport(program);
  declareQueue(program);
  declareOrders(program);
  declareGeneration(program);
  declareFreeze(program);
  declareKeys(program);
  declareFirewall(program);
  declareRemedy(program);
  declareSockets(program);
  declareProbe(program);
  return program;
}
