import type { Migration } from "kysely";
import { schema } from "./001-schema.ts";

/** Migrations by name. Kysely runs them sorted by name, so each name begins with the next number. */
export type Migrations = Readonly<Record<string, Migration>>;

/** The migrations of the central database. Add a new one at the end; never change one that was released. */
export const migrations: Migrations = { "001-schema": schema };
