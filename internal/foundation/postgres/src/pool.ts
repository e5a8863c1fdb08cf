import { userInfo } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg, { type QueryConfig } from "pg";
import { isUnanswered, postgresTrouble, trouble, troubleFrom } from "./trouble.ts";

/** Pause between two attempts to connect, ms. */
const betweenMs = 100;
/** Maximum wait for a lock of another program, ms: the server notices a killed program a moment later. */
const takenLimitMs = 3_000;

export type PoolOptions = {
  readonly url: string;
  /** The server's address in errors. */
  readonly shown: string;
  readonly max: number;
  /** Shown by the server in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Runs in every new session before its first query. If it throws, the session is closed. */
  readonly prepare: (client: pg.ClientBase) => Promise<void>;
  /** How long a query waits for a server that is away, ms. */
  readonly patienceMs: number;
  /** Returns the time limit of an answer, ms. Called before each query. */
  readonly answerMs: () => number;
};

/**
 * pg's pool for Kysely. A query waits for a server that restarts, for a bounded time. A session that gives no
 * answer in time is closed. All errors have our own codes.
 */
export const openPool = (options: PoolOptions): PostgresPool => {
  const { shown, answerMs } = options;
  const connectMs = answerMs();
  const pool = new pg.Pool(poolConfig(options, connectMs));
  // An idle session was cut off. The pool has already removed it.
  pool.on("error", () => undefined);
  const translated = (error: unknown, limitMs: number): unknown =>
    isUnanswered(error)
      ? trouble("POSTGRES_AWAY", `${shown} gave no answer within ${limitMs / 1_000} s`, error)
      : troubleFrom(error);
  return {
    connect: async () => {
      const client = await connected(pool, options, (error) => translated(error, connectMs));
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
          // pg leaves the query running. In a closed session, the queries behind it fail too.
          if (isUnanswered(error)) void client.end();
          throw translated(error, limitMs);
        }
      };
      return { query, release: () => client.release() } as PostgresPoolClient;
    },
    end: () => pool.end(),
  };
};

const poolConfig = (
  { url, max, applicationName, prepare }: PoolOptions,
  connectMs: number,
): pg.PoolConfig => {
  // libpq's default is the account's name; pg reads the variable USER, which may be unset or wrong.
  pg.defaults.user = accountName();
  return {
    connectionString: url,
    application_name: applicationName,
    max,
    idleTimeoutMillis: 0,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: connectMs,
    query_timeout: connectMs,
    onConnect: (client) => {
      // Without a listener, a session that is cut off in a transaction would end the process.
      client.on("error", () => undefined);
      return prepare(client);
    },
  };
};

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
  { patienceMs }: PoolOptions,
  translated: (error: unknown) => unknown,
): Promise<pg.PoolClient> => {
  const start = performance.now();
  for (;;) {
    try {
      return await pool.connect();
    } catch (thrown) {
      const error = translated(thrown);
      if (performance.now() - start + betweenMs > waitFor(error, patienceMs)) throw error;
    }
    await pause(betweenMs);
  }
};

/** How long to retry after this error, ms. */
const waitFor = (error: unknown, patienceMs: number): number => {
  switch (postgresTrouble(error)?.code) {
    case "POSTGRES_AWAY":
      return patienceMs;
    case "POSTGRES_TAKEN":
      return Math.min(takenLimitMs, patienceMs);
    default:
      return 0;
  }
};
