import { userInfo } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg, { type QueryConfig } from "pg";
import { checkSession } from "./check-session.ts";
import {
  isReadOnly,
  isUnanswered,
  openingTrouble,
  postgresTrouble,
  trouble,
  troubleFrom,
} from "./trouble.ts";

/** Pause between two attempts to connect, ms. */
const betweenMs = 100;
/** Time after which an unused session is closed, ms. */
const idleMs = 60_000;
/** Maximum wait for a lock of another program, ms: the server notices a killed program a moment later. */
const takenLimitMs = 3_000;

export type PoolOptions = {
  readonly url: string;
  /** The server's address in errors. */
  readonly shown: string;
  readonly max: number;
  /** Shown by the server in `pg_stat_activity`. */
  readonly applicationName: string;
  /** A server that only reads counts as away. */
  readonly needsWriter: boolean;
  /** Its sessions write. */
  readonly writes: boolean;
  /** Runs in every new session before its first query. If it throws, the session is closed. */
  readonly prepare: (client: pg.ClientBase) => Promise<void>;
  /** Returns how long a query waits for a server that is away, ms. */
  readonly patienceMs: () => number;
  /** Returns the time limit of an answer, ms. Called before each query. */
  readonly answerMs: () => number;
};

/**
 * pg's pool for Kysely. A query waits for a server that restarts, for a bounded time. A session that gives no
 * answer in time is closed. All errors have our own codes.
 */
export const openPool = (options: PoolOptions): PostgresPool => {
  const { shown, answerMs, writes } = options;
  const connectMs = answerMs();
  const pool = new pg.Pool(poolConfig(options, connectMs));
  // An idle session was cut off. The pool has already removed it.
  pool.on("error", () => undefined);
  const unanswered = (error: unknown, limitMs: number): unknown =>
    trouble(
      "POSTGRES_AWAY",
      `${shown} gave no answer within ${Number((limitMs / 1_000).toFixed(1))} s`,
      error,
    );
  return {
    connect: async () => {
      const client = await connected(pool, options, (error, limitMs) =>
        isUnanswered(error) ? unanswered(error, limitMs) : openingTrouble(error),
      );
      const query = async (text: string, values: unknown[]): Promise<unknown> => {
        const limitMs = answerMs();
        // pg 8.23 reads `query_timeout` of a query; its types have it only for a client.
        const asked: QueryConfig & { readonly query_timeout: number } = {
          text,
          values,
          query_timeout: limitMs,
        };
        try {
          return await client.query(asked);
        } catch (error) {
          const isLate = isUnanswered(error);
          const isUseless = writes && isReadOnly(error);
          // pg leaves a late query running. In a closed session, the queries behind it fail too.
          if (isLate || isUseless) void client.end();
          if (isLate) throw unanswered(error, limitMs);
          throw isUseless ? trouble("POSTGRES_READ_ONLY", messageOf(error), error) : troubleFrom(error);
        }
      };
      return { query, release: () => client.release() } as PostgresPoolClient;
    },
    end: () => pool.end(),
  };
};

/** The server's own words. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const poolConfig = (
  { url, max, applicationName, needsWriter, prepare }: PoolOptions,
  connectMs: number,
): pg.PoolConfig => {
  let isChecked = false;
  const another = (): pg.Client => new pg.Client({ connectionString: withoutWarning(url), ...limits });
  const limits = { connectionTimeoutMillis: connectMs, query_timeout: connectMs };
  // libpq's default is the account's name; pg reads the variable USER, which may be unset or wrong.
  pg.defaults.user = accountName();
  return {
    connectionString: withoutWarning(url),
    application_name: applicationName,
    max,
    // One session is kept: a server has few, and several hosts share them.
    min: 1,
    idleTimeoutMillis: idleMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...limits,
    onConnect: async (client) => {
      // Without a listener, a session that is cut off in a transaction would end the process.
      client.on("error", () => undefined);
      await checkSession(client, { needsWriter, another: isChecked ? null : another });
      isChecked = true;
      await prepare(client);
    },
  };
};

/**
 * pg 8.23 checks certificates for these three modes as for `verify-full`, and writes a warning of nine lines
 * that a later version will not. The modes of libpq have to be asked for.
 */
const withoutWarning = (url: string): string =>
  /[?&]uselibpqcompat=true\b/.test(url)
    ? url
    : url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, "$1verify-full");

const accountName = (): string | undefined => {
  try {
    return userInfo().username;
  } catch {
    // A container's account may have no name.
    return undefined;
  }
};

/** A session of the pool. Retries while the server is away, or another program holds the lock. */
const connected = async (
  pool: pg.Pool,
  { patienceMs, answerMs }: PoolOptions,
  translated: (error: unknown, limitMs: number) => unknown,
): Promise<pg.PoolClient> => {
  const start = performance.now();
  const { connectionTimeoutMillis: usualMs = answerMs() } = pool.options;
  for (;;) {
    const limitMs = Math.min(usualMs, answerMs());
    pool.options.connectionTimeoutMillis = limitMs;
    try {
      return await pool.connect();
    } catch (thrown) {
      const error = translated(thrown, limitMs);
      if (performance.now() - start + betweenMs > waitFor(error, patienceMs())) throw error;
    }
    await pause(betweenMs);
  }
};

/** How long to retry after this error, ms. */
const waitFor = (error: unknown, patienceMs: number): number => {
  switch (postgresTrouble(error)?.code) {
    case "POSTGRES_AWAY":
    case "POSTGRES_READ_ONLY":
    case "POSTGRES_CROWDED":
      return patienceMs;
    case "POSTGRES_TAKEN":
      return Math.min(takenLimitMs, patienceMs);
    default:
      return 0;
  }
};
