import type { Kysely } from "kysely";
import type { Choice } from "@nc/cli-scope";
import type { CentralTables } from "../database/tables.ts";
import { storedTables } from "../resources/index.ts";
import { referredRows } from "../world/referred-rows.ts";
import type { AnyTables } from "../world/row-selects.ts";

/** The groups that a text means: none, one, or several if it is ambiguous. The same rule as in `ncl`. */
export const groupMeant = async (db: Kysely<CentralTables>, text: string): Promise<readonly Choice[]> => {
  const stored = storedTables["groups"];
  if (stored === undefined) throw new TypeError("There is no resource groups.");
  return (await referredRows(db as unknown as AnyTables, "all", stored)?.meant(text)) ?? [];
};
