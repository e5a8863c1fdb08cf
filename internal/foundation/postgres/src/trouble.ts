/** A problem with the server, caused outside the program. */
export type PostgresTrouble = Error & {
  readonly code:
    | "POSTGRES_AWAY"
    | "POSTGRES_REFUSED"
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

/** Classes and codes of PostgreSQL's Appendix A, and codes of system calls. */
const known: readonly (readonly [PostgresTrouble["code"], RegExp])[] = [
  ["POSTGRES_AWAY", /^(08|57P0[123]|53300|57014|25P03)/],
  ["POSTGRES_AWAY", /^E(CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND|AI_AGAIN|NOENT)/],
  ["POSTGRES_REFUSED", /^(28|3D000|3F000|42501|25006|E(ACCES|PERM))/],
  ["POSTGRES_BUSY", /^(55P03|40P01)/],
  ["POSTGRES_FULL", /^(53|58)/],
];

/** pg's errors without a code. */
const cutOff =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|The server does not support SSL|read E|write E)/;

/** Converts an error of the driver to one of ours. Any other error is a bug and is returned unchanged. */
export const troubleFrom = (error: unknown): unknown => {
  if (!(error instanceof Error) || postgresTrouble(error) !== null) return error;
  const code = codeOf(error);
  const found = known.find(([, codes]) => codes.test(code));
  if (found !== undefined) return trouble(found[0], messageOf(error, code), error);
  return cutOff.test(error.message) ? trouble("POSTGRES_AWAY", error.message, error) : error;
};

/** True for pg's errors for a server that accepted a connection or a query, and does not answer. */
export const isUnanswered = (error: unknown): boolean =>
  error instanceof Error &&
  /^(timeout expired|timeout exceeded|Connection terminated due to connection timeout|Query read timeout)/.test(
    error.message,
  );

/** True if the session was closed before the query was sent, or while it waited for one. */
export const wasNeverSent = ({ cause }: Error): boolean =>
  cause instanceof Error && (cause.message.endsWith("is not queryable") || codeOf(cause) === "25P03");

const codeOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" ? error.code : "";

/** For a name with several addresses, Node's error has no text of its own. */
const messageOf = (error: Error, code: string): string => error.message || code;
