import { hostname } from "node:os";
import process from "node:process";
import {
  HandleEmptyInListsPlugin,
  Kysely,
  replaceWithNoncontingentExpression,
  sql,
  OperationNodeTransformer,
  type DataTypeNode,
  type KyselyPlugin,
} from "kysely";
import type { ClientBase } from "pg";
import { lockTaker } from "./host-lock.ts";
import { OwnSchemaDialect } from "./own-schema-dialect.ts";
import type { PoolOptions } from "./pool.ts";
import { postgresTrouble } from "./trouble.ts";
import { writingDialect } from "./writing-dialect.ts";
import type { PostgresAddress } from "./address.ts";

/** Texts are compared and sorted by their bytes, as in SQLite, for any collation of the server. */
class BytewiseTexts extends OperationNodeTransformer {
  protected override transformDataType(node: DataTypeNode): DataTypeNode {
    if (node.dataType !== "text") return node;
    return sql`text collate "C"`.toOperationNode() as unknown as DataTypeNode;
  }
}

const transformer = new BytewiseTexts();

/** Makes every column of texts `collate "C"`. */
const bytewiseTexts: KyselyPlugin = {
  transformQuery: ({ node, queryId }) => transformer.transformNode(node, queryId),
  transformResult: async ({ result }) => result,
};

/** SQLite takes a list without a value; PostgreSQL 15 to 18 call it a syntax error. */
const emptyLists = new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression });
const plugins = [bytewiseTexts, emptyLists];

/** An open database. No other program of ours may write to it, except other hosts if it is shared. */
export type Postgres<T> = {
  /**
   * One session, as on SQLite: it writes, and its transactions follow each other and those of other hosts. It
   * holds the lock.
   */
  readonly db: Kysely<T>;
  /** Sessions that write concurrently: each transaction waits only for those that change the same rows. */
  readonly loop: Kysely<T>;
  /** Sessions with read-only transactions. They do not wait for transactions of `db`. */
  readonly reading: Kysely<T>;
  /** Allows ten minutes for each answer while this runs: for migrations. */
  readonly unhurried: <T>(work: () => Promise<T>) => Promise<T>;
  /** The program ends: from here on all queries together wait a few seconds for a server that is away. */
  readonly hurry: () => void;
  readonly close: () => Promise<void>;
};

export type OpenOptions = {
  /** Share the database with other hosts. Without it the program is alone on its database, or refused. */
  readonly isShared?: boolean;
  /** The name under which other hosts see whether this one has its session of the server. */
  readonly hostName?: string;
  /** How long a query waits for a server that is away, ms. */
  readonly patienceMs?: number;
  /** How long a session waits for an answer, ms: a stopped server, or a lost network, gives none. */
  readonly answerMs?: number;
};

export type ReadingOptions = OpenOptions & {
  /** Refuse a server that only reads. */
  readonly needsWriter?: boolean;
};

/** Default of `patienceMs`: a server takes seconds to restart, and `ncl` waits 30 s for an answer. */
const defaultPatienceMs = 10_000;

/** Default of `answerMs`: longer than `lock_timeout`, and with the patience less than the 30 s that `ncl` waits. */
const defaultAnswerMs = 15_000;

/** Time limit of a statement of a migration, which may change a whole table, ms. */
const unhurriedMs = 600_000;

/** Time limit for the last queries of a program that ends, ms. */
const lastAnswerMs = 2_000;

/** How long the queries of a program that ends wait in all for a server that is away, ms. */
const hurryMs = 3_000;

/** Number of sessions that read. */
const readers = 4;
/** Number of sessions that write concurrently. */
const writers = 8;

/**
 * Keepalive ends a session soon after its program has ended. A synchronous commit acknowledges no write that a crash
 * could undo. The lock timeout limits the wait for a table that a person has locked. Transactions expect to
 * see what others have committed meanwhile, also where the role or the database has another isolation.
 */
const settings = `
  set client_min_messages = warning;
  set lock_timeout = '10s';
  set default_transaction_isolation = 'read committed';
  set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3;
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;

/**
 * A host that was stopped in a transaction holds locks that other hosts wait for. The server ends its session
 * well before a lease of 15 s expires, so that another host can take over in time.
 */
const sharedSettings = "set idle_in_transaction_session_timeout = '5s'";

/** Shown by the server, also to a program that is refused the lock. */
const applicationName = `gatehouse pid ${process.pid} on ${hostname()}`;

/** Opens a database for reading, also while a host works on it. The first query connects. */
export const openReading = async <T>(
  { url, shown }: PostgresAddress,
  { patienceMs = defaultPatienceMs, answerMs = defaultAnswerMs, needsWriter = false }: ReadingOptions = {},
): Promise<Kysely<T>> =>
  readingPool<T>({
    url,
    shown,
    patienceMs: () => patienceMs,
    applicationName,
    needsWriter,
    answerMs: () => answerMs,
  });

const readingPool = async <T>(
  common: Omit<PoolOptions, "max" | "prepare" | "writes">,
): Promise<Kysely<T>> => {
  // Loaded late: a host on SQLite never needs pg.
  const { openPool } = await import("./pool.ts");
  const pool = openPool({
    ...common,
    max: readers,
    writes: false,
    prepare: async (client) => {
      await client.query(`${settings}; set default_transaction_read_only = on`);
    },
  });
  return new Kysely<T>({ dialect: new OwnSchemaDialect({ pool }), plugins });
};

/**
 * Opens a database and acquires its lock, shared or exclusive. Throws a `PostgresTrouble` if that is
 * impossible.
 */
export const openPostgres = async <T>(
  { url, shown }: PostgresAddress,
  {
    patienceMs = defaultPatienceMs,
    answerMs = defaultAnswerMs,
    isShared = false,
    hostName,
  }: OpenOptions = {},
): Promise<Postgres<T>> => {
  const { openPool } = await import("./pool.ts");
  let limitMs = answerMs;
  let endsAt: number | null = null;
  /** Of this time, what is left for a program that ends. */
  const leftOf = (ms: number): number =>
    endsAt === null ? ms : Math.min(ms, Math.max(0, endsAt - performance.now()));
  const common = {
    url,
    shown,
    patienceMs: () => leftOf(patienceMs),
    applicationName,
    // After a failover the reading sessions may not stay at the old server either.
    needsWriter: true,
    answerMs: () => Math.min(limitMs, Math.max(lastAnswerMs, leftOf(limitMs))),
  };
  const reading = await readingPool<T>(common);
  const takeLock = lockTaker(isShared, hostName ?? null);
  const prepare = async (client: ClientBase): Promise<void> => {
    await client.query(isShared ? `${settings}; ${sharedSettings}` : settings);
  };
  const pool = openPool({
    ...common,
    max: 1,
    writes: true,
    prepare: async (client) => {
      await prepare(client);
      await takeLock(client);
    },
  });
  const db = new Kysely<T>({ dialect: writingDialect(pool, { isShared }), plugins });
  const loopPool = openPool({ ...common, max: writers, writes: true, prepare });
  const loopDialect = writingDialect(loopPool, { isShared: false });
  const loop = new Kysely<T>({ dialect: loopDialect, plugins });
  const unhurried = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    limitMs = unhurriedMs;
    try {
      return await work();
    } finally {
      limitMs = answerMs;
    }
  };
  const destroyAll = async (): Promise<void> => {
    await loop.destroy();
    await db.destroy();
    await reading.destroy();
  };
  let closed: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    limitMs = Math.min(answerMs, lastAnswerMs);
    // The server releases the lock of an ended session a moment later: unlock now, so that the next program
    // need not wait.
    await sql`select pg_advisory_unlock_all()`.execute(db).catch(rethrowUnlessTrouble);
    await destroyAll();
  };
  try {
    await sql`select 1`.execute(db);
  } catch (error) {
    await destroyAll();
    throw error;
  }
  const hurry = (): void => void (endsAt ??= performance.now() + hurryMs);
  return { db, loop, reading, unhurried, hurry, close: () => (closed ??= closeAll()) };
};

const rethrowUnlessTrouble = (error: unknown): void => {
  if (postgresTrouble(error) === null) throw error;
};
