/**
 * Reads each object once: asked about the very same one again, it gives what it gave before. For pure readers of what
 * nobody changes; nothing is kept longer than the object itself.
 */
export function onceEach<T, R>(read: (value: T) => R): (value: T) => R {
  const known = new WeakMap<object, { readonly value: R }>();
  return (value) => {
    if (typeof value !== 'object' || value === null) return read(value);
    const found = known.get(value) ?? { value: read(value) };
    known.set(value, found);
    return found.value;
  };
}
