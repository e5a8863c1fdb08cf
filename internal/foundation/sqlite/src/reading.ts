import {
  Kysely,
  SqliteDialect,
  type Compilable,
  type CompiledQuery,
  type QueryResult,
  type SqliteDatabase,
} from "kysely";
import type Libsql from "libsql";
import { sqlitePort } from "./sqlite-port.ts";

/** Reads on a separate connection, which its first query opens. `open` throws after the file was closed. */
export const readingOn = <T>(open: () => Libsql.Database): Kysely<T> => new Reading<T>(open);

type Reader = { readonly database: Libsql.Database; readonly port: SqliteDatabase };

/**
 * Kysely, but a compiled query is passed to the driver at once: Kysely's queue for the one connection takes
 * as long as a look-up by key. During a transaction of this connection, such a query waits in the queue like
 * any other.
 */
class Reading<T> extends Kysely<T> {
  readonly #reader: () => Reader;
  readonly #close: () => void;

  constructor(open: () => Libsql.Database) {
    let known: Reader | null = null;
    const reader = (): Reader => (known?.database.open === true ? known : (known = readerOf(open())));
    super({ dialect: new SqliteDialect({ database: async () => reader().port }) });
    this.#reader = reader;
    this.#close = () => known?.port.close();
  }

  override async executeQuery<R>(query: CompiledQuery<R> | Compilable<R>): Promise<QueryResult<R>> {
    const { database, port } = this.#reader();
    if ("compile" in query || database.inTransaction) return super.executeQuery(query);
    const statement = port.prepare(query.sql);
    // A statement without rows would write; the driver reports that this connection cannot.
    return statement.reader ? { rows: statement.all(query.parameters) as R[] } : super.executeQuery(query);
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    // Kysely closes only a connection that it has used.
    this.#close();
  }
}

const readerOf = (database: Libsql.Database): Reader => ({ database, port: sqlitePort(database) });
