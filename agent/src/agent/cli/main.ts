import { runProgram } from '../../terminal/program.ts';
import { agentProgram } from './program.ts';

void runProgram(agentProgram());
