import type { Kysely } from "kysely";

/**
 * One step of the central database's schema. It is written with the schema builder, so that it runs on SQLite
 * and on PostgreSQL. A released step never changes; a later step changes its result.
 */
export type Migration = {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  /**
   * It replaces a table that others refer to. On SQLite foreign keys are off while it runs, since dropping the
   * old table would delete the rows that refer to it; they are checked before the commit.
   */
  readonly replacesTable?: true;
  /** Runs in a transaction of its own. */
  readonly up: (db: Kysely<unknown>) => Promise<void>;
};
