import type { ErrorAnswer } from '../wire/routes.ts';

/**
 * Why a request is not granted: a status, a code for the agent to react to and a sentence to read. 403 is about the
 * host, 400 about the form of the request, 422 about what a well-formed request says.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly answer: ErrorAnswer;
  constructor(status: number, error: string, message: string, field?: string) {
    super(message);
    this.status = status;
    this.answer = {
      error,
      message,
      ...(field === undefined ? {} : { field: field.slice(0, 128) }),
    };
  }
}
