import type { Kysely } from "kysely";
import type { Choice } from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";
import { storedTables } from "@gatehouse/commands";
import { referredRows, type AnyTables } from "@gatehouse/command-context";

/**
 * Finds groups by a text, by the same rule as `ncl`: an empty list, one group, or several if it is ambiguous.
 */
export const groupMeant = async (db: Kysely<CentralTables>, text: string): Promise<readonly Choice[]> => {
  const stored = storedTables["groups"];
  if (stored === undefined) throw new TypeError("There is no resource groups.");
  return (await referredRows(db as unknown as AnyTables, "all", stored)?.meant(text)) ?? [];
};
