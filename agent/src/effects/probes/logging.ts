import * as z from 'zod';
import { Journal } from '../../core/logging/facts.ts';
import { LoggingSection } from '../../core/logging/section.ts';
import { orUnseen } from '../../core/unseen.ts';
import { createHost } from '../host/index.ts';
import { sendCanary } from './canary.ts';
import type { ProbeLook } from './index.ts';
import { journalStorage } from './journal-storage.ts';
import { parseSection } from './section.ts';

const Section = z.looseObject({
  canary_max_latency_ms: LoggingSection.shape.canary_max_latency_ms,
});

/**
 * Writes a line of its own to the journal and finds it again, and says where the journal is kept. It needs the group
 * `systemd-journal` to read, and no capability.
 */
export async function probeLogging({ root, section, signal }: ProbeLook): Promise<Journal> {
  const { canary_max_latency_ms } = parseSection(Section, section, 'logging');
  const host = createHost({ root, runtimeDir: '/nonexistent', signal });
  const [canary, storage] = await Promise.all([
    orUnseen(sendCanary({ host, waitMs: 2 * canary_max_latency_ms, signal })),
    orUnseen(journalStorage({ host, root })),
  ]);
  return Journal.parse({ canary, storage });
}
