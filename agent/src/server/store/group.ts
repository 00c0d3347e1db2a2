type Waiting<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

/** One item’s own end within a group that went well as a whole. */
export type Settled<Result> = PromiseSettledResult<Result>;

/**
 * Group commit: what is asked while one group is under way, or in the same turn of the event loop, is done together in
 * the next, and nobody is answered before the group is durable. A group that fails as a whole is done again one by one,
 * so that no item can keep the others from being done.
 */
export function createGroup<Item, Result>({
  limit,
  run,
}: {
  /** Items in a group at most. */
  limit: number;
  /** Does all items, or throws and leaves nothing done. */
  run: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>;
}): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let busy = false;

  const settle = async (group: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const ends = await run(group.map(({ item }) => item));
      for (const [index, { resolve, reject }] of group.entries()) {
        const end = ends[index];
        if (end?.status === 'fulfilled') resolve(end.value);
        else reject(end?.reason);
      }
    } catch (error) {
      const [only, ...more] = group;
      if (more.length === 0) only?.reject(error);
      else for (const entry of group) await settle([entry]);
    }
  };

  const work = async (): Promise<void> => {
    while (waiting.length > 0) await settle(waiting.splice(0, limit));
    busy = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (busy) return;
      busy = true;
      setImmediate(work);
    });
}
