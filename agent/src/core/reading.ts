import { FailureError } from '../wire/failure.ts';

/**
 * A value of unknown shape, read field by field. For what must answer before zod is loaded, which takes longer than a
 * privileged look altogether; the schemas that people are told of say the same (tests/core/reading.test.ts). Whatever
 * is not as asked is `malformed` at `where`.
 */
export class Reading {
  readonly #value: unknown;
  readonly #where: string;

  constructor(value: unknown, where: string) {
    this.#value = value;
    this.#where = where;
  }

  /** As it is written. */
  get value(): unknown {
    return this.#value;
  }

  field(name: string): Reading {
    const value = this.#record()[name];
    return new Reading(value, this.#where);
  }

  /** What `read` gives of it, or `otherwise` where it is left out. */
  or<T>(otherwise: T, read: (given: Reading) => T): T {
    return this.#value === undefined ? otherwise : read(this);
  }

  text(pattern = /^/): string {
    if (typeof this.#value === 'string' && pattern.test(this.#value)) return this.#value;
    throw this.#malformed();
  }

  /** From `least` to `most`, both inclusive. */
  integer(least: number, most: number): number {
    const value = this.#value;
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)
      return Number(value);
    throw this.#malformed();
  }

  list<T>(each: (item: Reading) => T): T[] {
    if (!Array.isArray(this.#value)) throw this.#malformed();
    return this.#value.map((item) => each(new Reading(item, this.#where)));
  }

  texts(pattern?: RegExp): string[] {
    return this.list((item) => item.text(pattern));
  }

  entries<T>(each: (item: Reading) => T): [string, T][] {
    return Object.entries(this.#record()).map(([name, item]) => [
      name,
      each(new Reading(item, this.#where)),
    ]);
  }

  #record(): Record<string, unknown> {
    const value = this.#value;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    throw this.#malformed();
  }

  #malformed(): FailureError {
    return new FailureError('malformed', { where: this.#where });
  }
}
