import type { Kysely } from "kysely";

/**
 * One step of the central database's schema. It is written with the schema builder, so that it runs on SQLite and on
 * PostgreSQL, and is never changed once it was released: a later one changes what it made.
 */
export type Migration = {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  /** Runs in a transaction of its own. */
  readonly up: (db: Kysely<unknown>) => Promise<void>;
};
