import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorAnswer } from '../../wire/routes.ts';
import { Refusal } from '../refusal.ts';
import { errorPage } from '../views/error-page.ts';
import { PAGE_HEADERS } from '../views/layout.ts';

/** The framework’s own refusals in our words; any other of its 4xx is `bad_request`. */
const CODES: Record<string, [error: string, message: string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is too large.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['media_type', 'Expected another Content-Type.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['json_malformed', 'Expected a JSON body.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['json_malformed', 'Expected a JSON body.'],
};

/** Makes every refusal an `ErrorAnswer`, and says nothing of the inside of a defect. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | Refusal>((error, request, reply) => {
    const at = { method: request.method, url: request.url, from: request.ip };
    const send = answerFor(request);
    const refuse = (status: number, answer: ErrorAnswer) => {
      request.log.info({ ...at, status, ...answer }, 'refused');
      return send(reply, status, answer);
    };
    if (error instanceof Refusal) return refuse(error.status, error.answer);
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) {
      const [code, message] = CODES[error.code] ?? ['bad_request', 'The request is malformed.'];
      return refuse(status, { error: code, message });
    }
    request.log.error({ ...at, err: error }, 'a request failed');
    if (isBusy(error)) return send(reply, 503, { error: 'busy', message: 'Try again later.' });
    return send(reply, 500, { error: 'internal', message: 'The server could not do this.' });
  });
  app.setNotFoundHandler((request, reply) =>
    answerFor(request)(reply, 404, { error: 'not_found', message: 'There is no such route.' }),
  );
}

/** People get a page, programs JSON. */
const answerFor = ({ headers }: FastifyRequest) =>
  headers.accept?.includes('text/html') ? sendPage : send;

const sendPage: typeof send = (reply, status, answer) =>
  reply.code(status).headers(PAGE_HEADERS).send(errorPage(status, answer));

function send(reply: FastifyReply, status: number, answer: ErrorAnswer): FastifyReply {
  // A body that was refused unread must not be taken for the next request.
  if (status !== 404) reply.header('connection', 'close');
  return reply.code(status).send(answer);
}

/** SQLite’s file is locked or its disk full; PostgreSQL is away, starting, stopping, full or gave way (its appendix A). */
const BUSY =
  /^(SQLITE_(BUSY|LOCKED|FULL|IOERR)|CONNECT(ION)?_|ECONNREFUSED$|ECONNRESET$|ENOENT$|08...$|40...$|53...$|57P..$)/;

/** Whether what was sent may be sent again as it is. */
function isBusy(error: Error): boolean {
  return 'code' in error && BUSY.test(String(error.code));
}

/** What Node’s HTTP itself complains of; all else is about the connection, as a TLS handshake that never came. */
const OF_HTTP = /^(HPE_|ERR_HTTP_)/;
/** Milliseconds for an answer to arrive at a client that is to go; its own end is not waited for. */
const PARTING_MS = 1000;

/** What is not HTTP, too long or too slow: one answer and the end of the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || !OF_HTTP.test(error.code ?? '')) {
    socket.destroy(); // before TLS stands nothing can be said, and what is written would wait for ever
    return;
  }
  setTimeout(() => socket.destroy(), PARTING_MS).unref();
  const [status, answer] = clientError(error.code ?? '');
  const body = JSON.stringify(answer);
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function clientError(code: string): [status: string, answer: ErrorAnswer] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return ['408 Request Timeout', { error: 'timeout', message: 'The request took too long.' }];
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = 'The headers are too large.';
    return ['431 Request Header Fields Too Large', { error: 'too_large', message }];
  }
  return ['400 Bad Request', { error: 'bad_request', message: 'This is not HTTP.' }];
}
