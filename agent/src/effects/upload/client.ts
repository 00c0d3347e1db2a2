import { readFileSync } from 'node:fs';
import type { Pool } from 'undici';
import type * as z from 'zod';
import type { Envelope } from '../../wire/envelope.ts';
import { FailureError, toFailure } from '../../wire/failure.ts';
import {
  ConsistencyAnswer,
  EvidenceAnswer,
  ForkAnswer,
  HealthAnswer,
  type OrderRequest,
  OrderStatusAnswer,
  OrdersAnswer,
  ProofAnswer,
  ROUTES,
} from '../../wire/routes.ts';
import { demandKeyOf, type Expiry, expiryOf, readCertificate } from './certificate.ts';
import { type Ask, exchange, type Limits } from './exchange.ts';
import { evidenceForm } from './form.ts';
import { knock } from './knock.ts';
import { PATIENCE, type Patience, retry } from './retry.ts';

export type ClientOptions = Partial<Limits & Patience> & {
  /** `https://host:port` of the control server. */
  readonly url: string;
  /** PEM files: the authority of the server’s certificate, our certificate and its key. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Connections kept open at most. */
  readonly connections?: number;
};

export type Sent =
  | { readonly kind: 'received'; readonly receipt: Envelope }
  | { readonly kind: 'fork'; readonly receipt: Envelope; readonly head: Envelope };

type Asking = { readonly signal?: AbortSignal | undefined };
/** `once`: a failure that may pass is not waited for here. */
type AskingOnce = Asking & { readonly once?: boolean };

/**
 * The control server as the agent sees it. Every method may be repeated, since the server answers the same to the
 * same, and is, after `unreachable` and `timeout`. Throws `FailureError`: `unreachable`, `timeout`, `too_large`,
 * `malformed`, `rejected` (with the server’s code in `reason`), `expired` (a certificate), `interrupted`.
 */
export type Client = {
  health(asking?: AskingOnce): Promise<HealthAnswer>;
  /** Exact bytes of `bundle.json`, and the text of `bundle.sig`. */
  sendEvidence(sent: { bytes: Uint8Array; signature: string } & Asking): Promise<Sent>;
  /** That a bundle of this host is in the server’s log, against its newest checkpoint. */
  proof(sha256: string, asking?: Asking): Promise<ProofAnswer>;
  /** That the server’s newest log only added to that of `first` leaves. */
  consistency(first: number, asking?: Asking): Promise<ConsistencyAnswer>;
  requestOrder(request: OrderRequest, asking?: Asking): Promise<OrderStatusAnswer>;
  orderStatus(orderId: string, asking?: Asking): Promise<OrderStatusAnswer>;
  /** Signed orders that wait for this host, oldest first. */
  approvedOrders(asking?: Asking): Promise<OrderStatusAnswer[]>;
  /** When our own certificate ends; `expiring` from thirty days before. */
  certificateExpiry(now: Date): Expiry;
  close(): Promise<void>;
};

/**
 * Reads the three files; connects with the first request. TLS and HTTP are 6 MiB in memory, and loaded only once
 * somebody listens there: a host whose server is away does without.
 */
export async function createClient({
  url,
  caFile,
  certFile,
  keyFile,
  connections = 16,
  timeoutMs = 30_000,
  maxAnswerBytes = 1024 * 1024,
  ...patience
}: ClientOptions): Promise<Client> {
  const [ca, cert, key] = [readPem(caFile), readPem(certFile), readPem(keyFile)];
  const certificate = readCertificate(cert, certFile);
  demandKeyOf(certificate, key);
  const limits = { timeoutMs, maxAnswerBytes };
  const open = async () => {
    await knock(new URL(url), limits);
    const { openPool } = await import('./pool.ts');
    return openPool({ url, ca, cert, key, connections, ...limits });
  };
  let opening: Promise<Pool> | undefined;
  const pool = () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  const asked = <S extends Record<number, z.ZodType>>(
    ask: () => Ask,
    schemas: S,
    { signal, once = false }: AskingOnce,
  ) =>
    retry(
      async () => exchange(await pool(), ask(), schemas, { ...limits, signal }),
      { ...PATIENCE, ...patience, ...(once ? { delaysMs: [] } : {}) },
      signal,
    );
  const get = async <T extends z.ZodType>(path: string, schema: T, asking: AskingOnce) => {
    const { answer } = await asked(() => ({ method: 'GET', path }), { 200: schema }, asking);
    return answer;
  };

  return {
    health: (asking = {}) => get(ROUTES.health, HealthAnswer, asking),
    async sendEvidence({ bytes, signature, signal }) {
      const answered = await asked(
        () => ({ method: 'POST', path: ROUTES.evidence, ...evidenceForm(bytes, signature) }),
        { 200: EvidenceAnswer, 201: EvidenceAnswer, 409: ForkAnswer },
        { signal },
      );
      return answered.status === 409
        ? { kind: 'fork', ...answered.answer }
        : { kind: 'received', ...answered.answer };
    },
    proof: (sha256, asking = {}) => get(ROUTES.proof(sha256), ProofAnswer, asking),
    consistency: (first, asking = {}) =>
      get(`${ROUTES.consistency}?first=${first}`, ConsistencyAnswer, asking),
    async requestOrder(request, asking = {}) {
      const ask: Ask = {
        method: 'POST',
        path: ROUTES.orders,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      };
      const schemas = { 200: OrderStatusAnswer, 201: OrderStatusAnswer };
      return (await asked(() => ask, schemas, asking)).answer;
    },
    orderStatus: (orderId, asking = {}) =>
      get(ROUTES.orderStatus(orderId), OrderStatusAnswer, asking),
    approvedOrders: async (asking = {}) =>
      (await get(`${ROUTES.orders}?state=approved`, OrdersAnswer, asking)).orders,
    certificateExpiry: (now) => expiryOf(certificate, now),
    close: async () => (await opening)?.destroy(),
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, params } = toFailure(cause, 'upload');
    throw new FailureError(code, { ...params, path }, { cause });
  }
}
