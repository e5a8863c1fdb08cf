import { sql, type Kysely } from "kysely";
import { isServer } from "./database-time.ts";
import type { CentralTables } from "./tables.ts";

/** Sorts tables of a database so that each comes after those that it refers to. */
export const inOrderOfReferences = async (
  db: Kysely<CentralTables>,
  tables: readonly string[],
): Promise<readonly string[]> => {
  const { rows } = await (isServer(db) ? referencesOnServer : references).execute(db);
  const parentsOf = (name: string): readonly string[] =>
    rows.filter(({ child, parent }) => child === name && parent !== name).map(({ parent }) => parent);
  const ordered: string[] = [];
  while (ordered.length < tables.length) {
    const next = tables.filter(
      (name) => !ordered.includes(name) && parentsOf(name).every((parent) => ordered.includes(parent)),
    );
    if (next.length === 0) throw new TypeError("Tables refer to each other in a circle");
    ordered.push(...next);
  }
  return ordered;
};

type Reference = { readonly child: string; readonly parent: string };

const references = sql<Reference>`
  select tables.name as child, keys."table" as parent
  from sqlite_schema as tables, pragma_foreign_key_list(tables.name) as keys where tables.type = 'table'`;

const referencesOnServer = sql<Reference>`
  select children.relname as child, parents.relname as parent
  from pg_constraint join pg_class as children on children.oid = conrelid
    join pg_class as parents on parents.oid = confrelid
  where contype = 'f' and connamespace = current_schema()::regnamespace`;
