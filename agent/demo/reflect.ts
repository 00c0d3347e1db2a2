/**
 * The three functions of the metadata proposal that tsyringe, beneath @peculiar/x509, asks for. They are here until
 * the lock next changes, when the package reflect-metadata takes their place.
 */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

const own = (key: unknown, target: object): unknown => metadata.get(target)?.get(key);

Object.assign(Reflect, {
  getOwnMetadata: own,
  getMetadata(key: unknown, target: object): unknown {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
      const found = own(key, at);
      if (found !== undefined) return found;
    }
    return undefined;
  },
  defineMetadata(key: unknown, value: unknown, target: object): void {
    const known = metadata.get(target) ?? new Map<unknown, unknown>();
    metadata.set(target, known.set(key, value));
  },
});
