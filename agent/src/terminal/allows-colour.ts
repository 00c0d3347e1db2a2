const { NO_COLOR, TERM } = process.env;

/** Whether a terminal is written to in colour: where it knows them, and never against NO_COLOR (no-color.org). */
export const allowsColour = !NO_COLOR && TERM !== 'dumb';
