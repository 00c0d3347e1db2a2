import * as z from 'zod';
import { Failure } from '../wire/failure-schema.ts';

/** Schema of a part of the facts that could not be seen. */
export const UnseenPart = z.strictObject({ unseen: Failure });
