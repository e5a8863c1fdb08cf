import { userInfo } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg from "pg";
import { postgresTrouble, troubleFrom } from "./trouble.ts";

/** How long one attempt to connect may take, ms. */
const connectLimitMs = 5_000;
/** Pause between two attempts, ms. */
const betweenMs = 100;
/** How long another program may keep the lock, ms: of one that was killed the server hears a moment later. */
const takenLimitMs = 3_000;

export type PoolOptions = {
  readonly url: string;
  readonly max: number;
  /** Shown by the server in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Runs in every new session before its first query. If it throws, the session is closed. */
  readonly prepare: (client: pg.ClientBase) => Promise<void>;
  /** How long a query waits for a server that is away, ms. */
  readonly patienceMs: number;
};

/**
 * The pool of pg for Kysely. A session that was cut off is replaced at the next query, which waits for the
 * server for a bounded time. All errors come out by a code of ours.
 */
export const steadyPool = ({ url, max, applicationName, prepare, patienceMs }: PoolOptions): PostgresPool => {
  const options: pg.PoolConfig & { readonly onConnect: (client: pg.ClientBase) => Promise<void> } = {
    connectionString: url,
    application_name: applicationName,
    max,
    idleTimeoutMillis: 0,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    Client: BoundedClient,
    onConnect: async (client) => {
      // Without a listener, a session that is cut off in a transaction would end the process.
      client.on("error", () => undefined);
      await prepare(client);
    },
  };
  // libpq's default is the account's name; pg reads the variable USER, which may be unset or another's.
  pg.defaults.user = accountName();
  const pool = new pg.Pool(options);
  // An idle session was cut off. The pool has dropped it.
  pool.on("error", () => undefined);
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    connect: async () => {
      const client = await connected(pool, patienceMs);
      const wrapped = known.get(client) ?? translating(client);
      known.set(client, wrapped);
      return wrapped;
    },
    end: () => pool.end(),
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

/** The limit is for connecting only: the pool's own one would hold for waiting in its queue, too. */
class BoundedClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: connectLimitMs });
  }
}

const connected = async (pool: pg.Pool, patienceMs: number): Promise<pg.PoolClient> => {
  const start = performance.now();
  for (;;) {
    try {
      return await pool.connect();
    } catch (thrown) {
      const error = troubleFrom(thrown);
      if (performance.now() - start + betweenMs > waitFor(error, patienceMs)) throw error;
    }
    await pause(betweenMs);
  }
};

/** How long this error may last, ms. */
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

const translating = (client: pg.PoolClient): PostgresPoolClient =>
  ({
    query: async (text: string, values: unknown[]): Promise<unknown> => {
      try {
        return await client.query(text, values);
      } catch (error) {
        throw troubleFrom(error);
      }
    },
    release: () => client.release(),
  }) as PostgresPoolClient;
