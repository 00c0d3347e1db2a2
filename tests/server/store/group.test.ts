import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createGroup, type Settled } from '../../../agent/src/server/store/group.ts';

const fine = (value: number): Settled<number> => ({ status: 'fulfilled', value });

test('what is asked together is done together, and what comes meanwhile in the next group', async () => {
  const groups: number[][] = [];
  const late: Promise<number>[] = [];
  const ask = createGroup<number, number>({
    limit: 3,
    run: async (items) => {
      groups.push([...items]);
      if (groups.length === 1) late.push(ask(5), ask(6));
      return items.map((item) => fine(item * 10));
    },
  });
  assert.equal(await Promise.all([1, 2, 3, 4].map(ask)), [10, 20, 30, 40]);
  assert.equal(await Promise.all(late), [50, 60]);
  assert.equal(groups, [
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

test('nobody is answered before the whole group is done', async () => {
  const order: string[] = [];
  const ask = createGroup<number, number>({
    limit: 8,
    run: async (items) => {
      order.push('begun');
      await new Promise((resolve) => setImmediate(resolve));
      order.push('durable');
      return items.map(fine);
    },
  });
  await Promise.all([1, 2].map(async (item) => order.push(`answered ${await ask(item)}`)));
  assert.equal(order, ['begun', 'durable', 'answered 1', 'answered 2']);
});

test('a refusal of one is no refusal of the others', async () => {
  const ask = createGroup<number, number>({
    limit: 8,
    run: async (items) =>
      items.map((item) => (item === 2 ? { status: 'rejected', reason: 'two' } : fine(item))),
  });
  const ends = await Promise.allSettled([1, 2, 3].map(ask));
  assert.equal(
    ends.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('one that breaks its group does not keep the others from being done', async () => {
  const groups: number[][] = [];
  const ask = createGroup<number, number>({
    limit: 8,
    run: async (items) => {
      groups.push([...items]);
      if (items.includes(2)) throw new Error('broken');
      return items.map(fine);
    },
  });
  const ends = await Promise.allSettled([1, 2, 3].map(ask));
  assert.equal(
    ends.map((end) => (end.status === 'fulfilled' ? end.value : end.reason.message)),
    [1, 'broken', 3],
  );
  assert.equal(groups, [[1, 2, 3], [1], [2], [3]]);
});

test.run();
