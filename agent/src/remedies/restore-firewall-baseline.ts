import * as z from 'zod';
import { defineRemedy } from '../core/remedy.ts';

/** Puts just the declared tables back. It never flushes and never reloads a unit, so foreign tables stay as they are. */
export const restoreFirewallBaseline = defineRemedy({
  id: 'restore_firewall_baseline',
  check: 'firewall',
  title: 'Put the declared firewall tables back',
  disruptive: false,
  section: z.unknown(),
  params: z.strictObject({}),
  run: ({ hands }) => hands.restoreFirewall(),
});
