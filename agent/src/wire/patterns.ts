/** How names are spelt, for schemas and for what must do without them. */

/** A systemd unit name with its suffix (systemd.unit(5)). */
export const UNIT_NAME =
  /^[A-Za-z0-9:_.\\@-]+\.(service|socket|timer|target|mount|swap|path|slice|scope|device)$/;

export const ABSOLUTE_PATH = /^\/[^\0]*$/;

/** SHA-256 in lower-case hex. */
export const SHA256_HEX = /^[0-9a-f]{64}$/;

export const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Whether what is spelt as a time is one: there is no 30th of February. */
export function isTime(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
}

/** Host, site and reseller ids. */
export const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export const CHECK_ID = /^[a-z][a-z0-9_]{0,39}$/;
