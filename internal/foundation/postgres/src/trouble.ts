/** A problem with the server, caused outside the program. */
export type PostgresTrouble = Error & {
  readonly code:
    | "POSTGRES_AWAY"
    /** The server answers, but only reads: a standby, or one that was set so. */
    | "POSTGRES_READ_ONLY"
    /** The server, its pooler or the role has no free connection. */
    | "POSTGRES_CROWDED"
    | "POSTGRES_REFUSED"
    /** The server asks for a password, and there is none, or a wrong one. */
    | "POSTGRES_PASSWORD"
    /** No encrypted connection can be made, or a certificate is refused. */
    | "POSTGRES_TLS"
    /** A pooler gives each transaction another session. */
    | "POSTGRES_POOLED"
    /** The database cannot store all texts. */
    | "POSTGRES_ENCODING"
    | "POSTGRES_TAKEN"
    | "POSTGRES_BUSY"
    | "POSTGRES_FULL"
    | "POSTGRES_UNSURE";
};

/** Makes such an error. The codes have the prefix that `attempt` of @gatehouse/sqlite knows. */
export const trouble = (code: PostgresTrouble["code"], message: string, cause?: unknown): PostgresTrouble =>
  Object.assign(new Error(message, { cause }), { code });

/** Returns the error if it is one of ours, else null. */
export const postgresTrouble = (error: unknown): PostgresTrouble | null =>
  error instanceof Error && /^POSTGRES_/.test(codeOf(error)) ? (error as PostgresTrouble) : null;

/** Classes and codes of PostgreSQL's Appendix A, and codes of system calls, of Node's TLS and of OpenSSL. */
const known: readonly (readonly [PostgresTrouble["code"], RegExp])[] = [
  ["POSTGRES_CROWDED", /^53300/],
  ["POSTGRES_AWAY", /^(08|57P0|57014|25P0[34])/],
  ["POSTGRES_AWAY", /^E(CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND|AI_AGAIN|NOENT)/],
  ["POSTGRES_PASSWORD", /^28P01/],
  ["POSTGRES_REFUSED", /^(28|3D000|3F000|42501|25006|F0|E(ACCES|PERM))/],
  ["POSTGRES_BUSY", /^(55P03|40P01)/],
  ["POSTGRES_FULL", /^(53|58)/],
  [
    "POSTGRES_TLS",
    /^(EPROTO$|ERR_(TLS|SSL|OSSL|CRYPTO)_|CERT_|CRL_|UNABLE_TO_|ERROR_IN_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED)|SELF_SIGNED/,
  ],
];

/**
 * Errors by their text: pg's have no code, and PgBouncer has one code for all of its own (08P01). `says` is
 * in place of a text that no person understands.
 */
const knownTexts: readonly {
  readonly code: PostgresTrouble["code"];
  readonly texts: RegExp;
  readonly says?: string;
}[] = [
  {
    code: "POSTGRES_AWAY",
    texts:
      /^(Connection terminated|Client has encountered a connection error|Client was closed|read E|write E)/,
  },
  {
    code: "POSTGRES_PASSWORD",
    texts: /^SASL: SCRAM-SERVER-FIRST-MESSAGE: client password/,
    says: "it asks for a password, and none was given",
  },
  { code: "POSTGRES_PASSWORD", texts: /^(password authentication failed|SASL authentication failed)/ },
  {
    code: "POSTGRES_TLS",
    texts:
      /^(The server does not support SSL|There was an error establishing an SSL connection|SECURITY WARNING|SSL required)|sslnegotiation|no pg_hba.conf entry.*(no encryption|SSL off)$/,
  },
  {
    code: "POSTGRES_CROWDED",
    texts: /^(no more connections allowed|sorry, too many clients|remaining connection slots)/,
  },
  { code: "POSTGRES_POOLED", texts: /statement pooling/ },
  { code: "POSTGRES_REFUSED", texts: /^(unsupported startup parameter|no such (database|user))/ },
];

/** Converts an error of the driver to one of ours. Any other error is a bug and is returned unchanged. */
export const troubleFrom = (error: unknown): unknown => {
  if (!(error instanceof Error) || postgresTrouble(error) !== null) return error;
  const code = codeOf(error);
  if (isOfFile(error)) return trouble("POSTGRES_TLS", error.message, error);
  const byText = knownTexts.find(({ texts }) => texts.test(error.message));
  if (byText !== undefined) return trouble(byText.code, byText.says ?? error.message, error);
  const found = known.find(([, codes]) => codes.test(code));
  return found === undefined ? error : trouble(found[0], messageOf(error, code), error);
};

/** The same for an error while a session is opened: what is not known there is a refusal, no bug. */
export const openingTrouble = (error: unknown): unknown => {
  const found = troubleFrom(error);
  return !(found instanceof Error) || postgresTrouble(found) !== null
    ? found
    : trouble("POSTGRES_REFUSED", messageOf(found, codeOf(found)), found);
};

/** The only files that pg reads are a certificate, its key and the authorities that the address names. */
const isOfFile = (error: Error): boolean =>
  "syscall" in error && (error.syscall === "open" || error.syscall === "read") && "path" in error;

/** True for pg's errors for a server that accepted a connection or a query, and does not answer. */
export const isUnanswered = (error: unknown): boolean =>
  error instanceof Error &&
  /^(timeout expired|timeout exceeded|Connection terminated due to connection timeout|Query read timeout)/.test(
    error.message,
  );

/** True if a statement that writes was refused, since the server or the transaction only reads. */
export const isReadOnly = (error: unknown): boolean => error instanceof Error && codeOf(error) === "25006";

/** True if the session was closed before the query was sent, or while it waited for one. */
export const wasNeverSent = ({ cause }: Error): boolean =>
  cause instanceof Error && (cause.message.endsWith("is not queryable") || codeOf(cause) === "25P03");

const codeOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" ? error.code : "";

/** For a name with several addresses, Node's error has no text of its own. */
const messageOf = (error: Error, code: string): string => error.message || code;
