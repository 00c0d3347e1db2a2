// Stands for zod in a bundled program. A schema is only noted here; zod is loaded and makes it when more is asked of it
// than to parse what it accepts, which is what the build had zod itself compile (compile-schemas.mjs). What that refuses
// zod parses anew where it is asked why. zod and its schemas are a third of what one look costs.
import { zod } from 'zod-itself';
import {
  isValidBase64,
  stripTabAndNewline,
  urlHostnameOk,
  urlProtocolOk,
  validateURL,
} from '../node_modules/zod/v4/core/schemas.js';
import { codePointLength, isPlainObject, shallowClone } from '../node_modules/zod/v4/core/util.js';

/** What a parser that zod compiled answers of a value that its schema refuses. */
const REFUSED = Symbol.for('zod.compile.invalid');
/** Of a schema that was not compiled. */
const UNKNOWN = Symbol('not compiled');

/** The functions of zod’s own that such parsers call. */
export const HELPERS = {
  codePointLength,
  isPlainObject,
  isValidBase64,
  propertyIsEnumerable: Object.prototype.propertyIsEnumerable,
  shallowClone,
  stripTabAndNewline,
  urlHostnameOk,
  urlProtocolOk,
  validateURL,
};

/** A schema as it is written: `method` with `args` of another one, or of what the function `on` gives. */
class Later {
  constructor(on, method, args) {
    this.on = on;
    this.method = method;
    this.args = args;
    this.compiled = undefined;
    this.parser = undefined;
    this.made = undefined;
  }

  parse(value, ...rest) {
    const parsed = parseCompiled(this, value);
    const accepted = parsed !== REFUSED && parsed !== UNKNOWN;
    return accepted ? parsed : itself(this).parse(value, ...rest);
  }

  safeParse(value, ...rest) {
    const data = parseCompiled(this, value);
    if (data === UNKNOWN) return itself(this).safeParse(value, ...rest);
    return data === REFUSED ? new Refusal(this, value) : { success: true, data };
  }

  /** The fields of an object, as they are noted where that is known. */
  get shape() {
    const { on, method, args } = this;
    if (method === 'extend') return { ...on.shape, ...args[0] };
    if (method === 'pick')
      return Object.fromEntries(Object.keys(args[0]).map((field) => [field, on.shape[field]]));
    return /object$/i.test(method) ? args[0] : itself(this).shape;
  }
}

/** That a value was refused; who asks why has zod parse it anew. */
class Refusal {
  #of;
  constructor(...of) {
    this.#of = of;
    this.success = false;
  }
  get error() {
    const [schema, value] = this.#of;
    return itself(schema).safeParse(value).error;
  }
}

const METHODS =
  'default describe extend int length max min nullable omit optional partial pick prefault refine regex';
for (const method of METHODS.split(' ')) {
  Later.prototype[method] = function (...args) {
    return new Later(this, method, args);
  };
}
/** Whatever else is asked of a schema, zod answers. */
Object.setPrototypeOf(
  Later.prototype,
  new Proxy(Object.prototype, {
    get(known, name, schema) {
      if (name in known || !(schema instanceof Later)) return known[name];
      const made = itself(schema);
      return typeof made[name] === 'function' ? made[name].bind(made) : made[name];
    },
  }),
);

const begin =
  (method, on = zod) =>
  (...args) =>
    new Later(on, method, args);
export const array = begin('array');
export const base64 = begin('base64');
export const boolean = begin('boolean');
export const custom = begin('custom');
export const discriminatedUnion = begin('discriminatedUnion');
export const int = begin('int');
export const iso = { date: begin('date', () => zod().iso) };
export const lazy = (schema) =>
  new Later(zod, 'lazy', [() => itself(schema()), (value) => schema().safeParse(value).success]);
export const literal = begin('literal');
export const looseObject = begin('looseObject');
export const number = begin('number');
export const object = begin('object');
export const partialRecord = begin('partialRecord');
export const record = begin('record');
export const strictObject = begin('strictObject');
export const string = begin('string');
export const union = begin('union');
export const unknown = begin('unknown');
export const url = begin('url');
const enumOf = begin('enum');
const nothing = begin('null');
export { enumOf as enum, nothing as null };
export const toJSONSchema = (schema, ...rest) => zod().toJSONSchema(itself(schema), ...rest);

/** A schema, or what holds schemas, as zod’s own. */
export function itself(noted) {
  if (noted instanceof Later) {
    const { on, method, args } = noted;
    noted.made ??= (typeof on === 'function' ? on() : itself(on))[method](...args.map(itself));
    return noted.made;
  }
  if (Array.isArray(noted)) return noted.map(itself);
  if (!isPlainObject(noted)) return noted;
  return Object.fromEntries(Object.entries(noted).map(([key, part]) => [key, itself(part)]));
}

export const isLater = (value) => value instanceof Later;

/** Gives a schema what was compiled of it, which makes the parser when one is first needed. */
export function compiled(schema, makeParser) {
  schema.compiled = makeParser;
}

function parseCompiled(schema, value) {
  const { on, method, args, compiled: makeParser } = schema;
  if (makeParser !== undefined) {
    const part = (path) => path.reduce((inner, key) => inner[key], schema);
    schema.parser ??= makeParser(REFUSED, HELPERS, part);
    return schema.parser(value);
  }
  if (method !== 'refine') return UNKNOWN; // `when`, which zod does not compile
  const parsed = parseCompiled(on, value);
  if (parsed === REFUSED || parsed === UNKNOWN) return parsed;
  const [holds, { when } = {}] = args;
  const applies = when === undefined || when({ value: parsed, issues: [] });
  return !applies || holds(parsed) ? parsed : REFUSED;
}
