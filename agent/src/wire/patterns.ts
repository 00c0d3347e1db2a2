/** How names are spelt, for schemas and for what must do without them. */

/** A systemd unit name with its suffix (systemd.unit(5)). */
export const UNIT_NAME =
  /^[A-Za-z0-9:_.\\@-]+\.(service|socket|timer|target|mount|swap|path|slice|scope|device)$/;

export const ABSOLUTE_PATH = /^\/[^\0]*$/;
