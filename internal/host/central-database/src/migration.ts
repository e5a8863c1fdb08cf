import type { Kysely } from "kysely";

/**
 * One step of the central database's schema. It is written with the schema builder, so that it runs on SQLite
 * and on PostgreSQL. A released step never changes; a later step changes its result.
 */
export type Migration = {
  /** One more than the version of the step before. */
  readonly version: number;
  readonly name: string;
  /** Runs in a transaction of its own. */
  readonly up: (db: Kysely<unknown>) => Promise<void>;
};
