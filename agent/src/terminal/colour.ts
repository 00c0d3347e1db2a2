import pico from 'picocolors';
import { allowsColour } from './allows-colour.ts';
import { mayBeTerminal } from './print.ts';

/** Colours where standard output is a terminal that is to have them. */
export const inColour = mayBeTerminal() && process.stdout.isTTY === true && allowsColour;
export const colour = pico.createColors(inColour);
