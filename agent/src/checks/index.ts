import type { Check } from '../core/check.ts';
import { antivirus } from './antivirus.ts';
import { backup } from './backup.ts';
import { encryption } from './encryption.ts';
import { firewall } from './firewall.ts';
import { logging } from './logging.ts';
import { patching } from './patching.ts';

/** Every check of the agent, one line each. */
export const CHECKS: readonly Check[] = [
  antivirus,
  backup,
  encryption,
  firewall,
  logging,
  patching,
];
