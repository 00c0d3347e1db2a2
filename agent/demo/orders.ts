import { readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod';
import { RemedyAnswer } from '../src/wire/remedy.ts';
import type { Stack } from './stack.ts';
import type { Stage } from './stage.ts';

const Listed = z.array(z.looseObject({ order_id: z.string(), state: z.string() }));

/** Ids of the orders that hosts have asked for and nobody has answered. */
export function requestedOrders(stack: Stack): string[] {
  const { code, output } = stack.server('orders', 'list', '--state', 'requested', '--json');
  if (code !== 0) throw new Error(`orders list: ${output}`);
  return Listed.parse(JSON.parse(output)).map(({ order_id }) => order_id);
}

/** What an operator does: export the draft, sign it where the key is, import the order. Gives the signed order’s file. */
export function approveOrder(stage: Stage, stack: Stack, id: string): string {
  const [draft, order] = [
    stage.path('operator', 'draft.json'),
    stage.path('operator', 'order.json'),
  ];
  const step = (what: string, { code, output }: { code: number; output: string }) => {
    if (code !== 0) throw new Error(`${what}: ${output}`);
    return output;
  };
  writeFileSync(draft, step('orders export', stack.server('orders', 'export', id)));
  writeFileSync(order, step('orders sign', stack.sign(draft)));
  step('orders import', stack.server('orders', 'import', order));
  return order;
}

/** Hands an order to a remedy’s socket, as anyone may who may reach it, and reads the answer. */
export function handOver(runtimeDir: string, remedy: string, order: string): Promise<RemedyAnswer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(join(runtimeDir, 'remedy', `${remedy}.sock`));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      answer += part;
    });
    socket.once('error', reject);
    socket.once('end', () => resolve(RemedyAnswer.parse(JSON.parse(answer))));
    socket.end(readFileSync(order));
  });
}
