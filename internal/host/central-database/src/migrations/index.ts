import type { Migration } from "kysely";
import { schema } from "./schema.ts";
import { tasks } from "./tasks.ts";

/** Migrations by name. Kysely runs them sorted by name, so each name begins with the next number. */
export type Migrations = Readonly<Record<string, Migration>>;

/**
 * The migrations of the central database. 0.1.0-rc.0 has the first one, 0.1.0 both. A change of the schema is one more migration with the next
 * number; the others stay as they are (schema.test.ts), also what they call.
 */
export const migrations: Migrations = { "014-schema": schema, "015-tasks": tasks };

/**
 * By the last migration that ran, the hash of the names of all tables, columns and indexes (changed-by-hand.ts): a start compares it, and
 * need not run the migrations for that. Only the present one is needed. schema.test.ts checks it.
 */
export const namesAfter: Readonly<Record<string, string>> = { "015-tasks": "9148f7a14dee9cfd" };
