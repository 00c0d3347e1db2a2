import { runProgram } from '../../terminal/program.ts';
import { serverProgram } from './program.ts';

void runProgram(serverProgram());
