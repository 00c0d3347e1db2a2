import pico from 'picocolors';

const { NO_COLOR, TERM } = process.env;

/** Colours where standard output is a terminal that knows them, and never against NO_COLOR (no-color.org). */
export const colour = pico.createColors(
  process.stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb',
);
