/** What somebody may see: hosts of these resellers and of these sites. Null is all; where both are named both hold. */
export type Scope = {
  readonly resellers: readonly string[] | null;
  readonly sites: readonly string[] | null;
};
/** Of the server itself: its commands and its watch. */
export const EVERYTHING: Scope = { resellers: null, sites: null };

/** An operator also decides about orders; an auditor changes nothing. */
export type ReaderRole = 'operator' | 'auditor';

/** Somebody who signs in to the viewer. */
export type Reader = Scope & { readonly name: string; readonly role: ReaderRole };

/** The certificate that a reader signs in with. Its common name is no host’s. */
export type ReaderCertificate = { readonly sha256: string; readonly commonName: string | null };

export type ReaderEntry = Reader & {
  readonly state: 'active' | 'revoked';
  /** Null: by one-time tokens alone. */
  readonly certificate: ReaderCertificate | null;
  readonly addedAt: string;
  readonly changedAt: string;
};

export type ReaderStore = {
  /** Adds a reader, or gives a known name another role, scope or certificate and makes it active again. */
  addReader(
    entry: Reader & { readonly certificate: ReaderCertificate | null; readonly now: string },
  ): Promise<'added' | 'changed' | 'certificate_of_host' | 'certificate_of_reader'>;
  readers(): Promise<ReaderEntry[]>;
  /** Ends their sessions and tokens too. False where there is no such active reader. */
  revokeReader(change: { name: string; now: string }): Promise<boolean>;

  /** Keeps a one-time token by its digest. False where there is no such active reader. */
  giveToken(token: {
    name: string;
    sha256: string;
    expiresAt: string;
    now: string;
  }): Promise<boolean>;
  /** Spends a token and opens a session; null where the token is unknown, spent or over. */
  openSession(session: {
    tokenSha256: string;
    sha256: string;
    expiresAt: string;
    now: string;
  }): Promise<Reader | null>;
  endSession(sha256: string): Promise<void>;
  /** The active reader behind a session or a certificate. */
  readerOfSession(sha256: string, now: string): Promise<Reader | null>;
  readerOfCertificate(sha256: string): Promise<Reader | null>;
};
