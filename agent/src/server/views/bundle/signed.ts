import { html, type Markup } from '../../../core/report/page/markup.ts';
import type { Json } from '../../../wire/primitives.ts';
import { time } from '../parts.ts';

/** A value’s text: a string as it is, anything else as JSON. `browser/page.ts` makes the same of the signed bytes. */
export const valueText = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** A value of the bundle, and the JSON pointer (RFC 6901) by which the reader’s browser finds it in the signed bytes. */
export const signed = (pointer: string, value: Json): Markup =>
  html`<span data-signed="${pointer}">${valueText(value)}</span>`;

export const signedTime = (pointer: string, at: string): Markup =>
  html`<span data-signed="${pointer}" datetime="${at}">${time(at)}</span>`;

/** A step further down. */
export const below = (pointer: string, part: string | number): string =>
  `${pointer}/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`;
