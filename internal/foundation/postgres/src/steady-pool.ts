import { userInfo } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg from "pg";
import { cutOff, type AnswerLimit } from "./answer-limit.ts";
import { preparedNames } from "./prepared-names.ts";
import { isOutdated, postgresTrouble, troubleFrom } from "./trouble.ts";

/** Timeout of one attempt to connect, ms. */
const connectLimitMs = 5_000;
/** Pause between two attempts, ms. */
const betweenMs = 100;
/** How long to wait for a lock of another program, ms: the server notices a killed program a moment later. */
const takenLimitMs = 3_000;
/** Timeout for the end of sessions, ms: a stopped server ends none of them. */
const endLimitMs = 2_000;

export type PoolOptions = {
  readonly url: string;
  readonly max: number;
  /** Shown by the server in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Runs in every new session before its first query. If it throws, the session is closed. */
  readonly prepare: (client: pg.ClientBase) => Promise<void>;
  /** How long a query waits for a server that is away, ms. */
  readonly patienceMs: number;
  readonly answers: AnswerLimit;
};

/**
 * The pool of pg for Kysely. A session that was cut off is replaced at the next query, which waits for the
 * server for a bounded time; a session that gives no answer is cut off. All errors have our own codes.
 */
export const steadyPool = (options: PoolOptions): PostgresPool => {
  const { prepare, patienceMs, answers } = options;
  const sessions = new Set<pg.ClientBase>();
  /** Why the server is away; null since the last successful connection. */
  let away: unknown = null;
  const onConnect = async (client: pg.ClientBase): Promise<void> => {
    // Without a listener, a session that is cut off in a transaction would end the process.
    client.on("error", () => undefined);
    sessions.add(client.on("end", () => sessions.delete(client)));
    await answers.within(client, () => prepare(client));
    away = null;
  };
  const pool = new pg.Pool(poolConfig(options, onConnect));
  // An idle session was cut off. The pool has already removed it.
  pool.on("error", () => undefined);
  const noteAway = (error: unknown): unknown => {
    const found = isUnanswered(error) ? answers.silence(connectLimit(answers)) : troubleFrom(error);
    if (postgresTrouble(found)?.code === "POSTGRES_AWAY") away = found;
    return found;
  };
  const nameOf = preparedNames();
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    connect: async () => {
      const client = await connected(pool, { patienceMs, away: () => away, noteAway });
      const wrapped = known.get(client) ?? translating(client, { answers, nameOf, noteAway });
      known.set(client, wrapped);
      return wrapped;
    },
    end: async () => {
      const timer = setTimeout(() => sessions.forEach((client) => cutOff(client)), endLimitMs);
      await pool.end();
      clearTimeout(timer);
    },
  };
};

const connectLimit = ({ ms }: AnswerLimit): number => Math.min(connectLimitMs, ms);

/** True for pg's error for a server that accepted the connection and sent nothing. */
const isUnanswered = (error: unknown): boolean =>
  error instanceof Error && error.message === "timeout expired";

type OnConnect = (client: pg.ClientBase) => Promise<void>;

const poolConfig = (
  { url, max, applicationName, answers }: PoolOptions,
  onConnect: OnConnect,
): pg.PoolConfig & { readonly onConnect: OnConnect } => {
  // libpq's default is the account's name; pg reads the variable USER, which may be unset or wrong.
  pg.defaults.user = accountName();
  return {
    connectionString: url,
    application_name: applicationName,
    max,
    idleTimeoutMillis: 0,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    Client: boundedClient(connectLimit(answers)),
    onConnect,
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

/** Limits only the time to connect: the pool's own timeout would include the wait in its queue. */
const boundedClient = (connectionTimeoutMillis: number): typeof pg.Client =>
  class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis });
    }
  };

type Waiting = {
  readonly patienceMs: number;
  /** Why the server is away; null if it is not. */
  readonly away: () => unknown;
  /** Converts the error to one of ours. */
  readonly noteAway: (error: unknown) => unknown;
};

const connected = async (pool: pg.Pool, { patienceMs, away, noteAway }: Waiting): Promise<pg.PoolClient> => {
  const start = performance.now();
  for (;;) {
    try {
      return await unlessAway(pool, () => (performance.now() - start > patienceMs ? away() : null));
    } catch (thrown) {
      const error = noteAway(thrown);
      if (performance.now() - start + betweenMs > waitFor(error, patienceMs)) throw error;
    }
    await pause(betweenMs);
  }
};

/**
 * A session of the pool. A waiting request leaves the queue as soon as `reason` returns a reason: without
 * that, the tenth request in the queue of a server that is away would wait ten times as long as the first.
 */
const unlessAway = (pool: pg.Pool, reason: () => unknown): Promise<pg.PoolClient> => {
  const asked = pool.connect();
  if (pool.waitingCount <= pool.idleCount) return asked;
  return new Promise((resolve, reject) => {
    let hasLeft = false;
    const timer = setInterval(() => {
      const why = reason();
      if (why === null) return;
      clearInterval(timer);
      hasLeft = true;
      reject(why as Error);
    }, betweenMs);
    asked.then(
      (client) => {
        clearInterval(timer);
        if (hasLeft) client.release();
        else resolve(client);
      },
      (error: Error) => {
        clearInterval(timer);
        reject(error);
      },
    );
  });
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

type SessionOptions = Pick<PoolOptions, "answers"> &
  Pick<Waiting, "noteAway"> & { readonly nameOf: (text: string) => string | undefined };

/** Prepares only statements with values. */
const queryOf = (
  text: string,
  values: unknown[],
  nameOf: (text: string) => string | undefined,
): pg.QueryConfig => {
  const name = values.length === 0 ? undefined : nameOf(text);
  return { text, values, ...(name === undefined ? {} : { name }) };
};

const translating = (
  client: pg.PoolClient,
  { answers, nameOf, noteAway }: SessionOptions,
): PostgresPoolClient =>
  ({
    query: async (text: string, values: unknown[]): Promise<unknown> => {
      try {
        return await answers.within(client, () => client.query(queryOf(text, values, nameOf)));
      } catch (error) {
        // The tables were changed under a prepared statement. A new session prepares it again.
        if (isOutdated(error)) cutOff(client);
        throw noteAway(error);
      }
    },
    release: () => client.release(),
  }) as PostgresPoolClient;
