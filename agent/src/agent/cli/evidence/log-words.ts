import type { LogReport } from '../../../core/log-verifier.ts';
import type { Words } from './verify-words.ts';

/** What kept proofs say of the server’s log, for people. */
export function logWords({ included, unproved, states, size, untied, faults }: LogReport): Words {
  return {
    faults: faults.map((fault) => `log: ${fault}`),
    proved: [
      ...(included > 0 ? [`${included} receipts are in the server’s log`] : []),
      ...(states > 1 && untied.length === 0 && faults.length === 0
        ? [`the log only grew: ${states} signed states, the newest of ${size} leaves`]
        : []),
    ],
    not_proved: [
      ...(unproved > 0
        ? [`that ${unproved} receipts are in the server’s log: run evidence prove`]
        : []),
      ...(untied.length > 0
        ? [`that the log grew from its states of ${untied.join(', ')} leaves: run evidence prove`]
        : []),
    ],
  };
}
