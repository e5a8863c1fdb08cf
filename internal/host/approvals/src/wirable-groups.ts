import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** A group that may answer in a chat. */
export type WirableGroup = { readonly id: string; readonly name: string };

/** The groups that a chat can be wired to, the oldest first. An approver may choose any of them. */
export const wirableGroups = (db: Kysely<CentralTables>, limit: number): Promise<readonly WirableGroup[]> =>
  db
    .selectFrom("agent_groups")
    .select(["id", "name"])
    .orderBy("created_at")
    .orderBy("id")
    .limit(limit)
    .execute();
