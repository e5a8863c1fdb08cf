import type { Migration } from "kysely";
import { schema } from "./schema.ts";

/** Migrations by name. Kysely runs them sorted by name, so each name begins with the next number. */
export type Migrations = Readonly<Record<string, Migration>>;

/**
 * The migrations of the central database. Before the first release, a change of the schema gives its only
 * migration the next number, so that the databases of older builds are refused. After it, a change is one
 * more migration, and the others stay as they are.
 */
export const migrations: Migrations = { "014-schema": schema };
