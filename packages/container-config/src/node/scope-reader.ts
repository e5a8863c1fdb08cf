import type { Kysely, Transaction } from "kysely";
import type { Scope } from "../scope.ts";
import type { ContainerConfigTables } from "../tables.ts";
import type { Sqlite } from "./open-sqlite.ts";

/**
 * What a group's agent may do with the admin CLI, as it is saved at this moment; asked on every call, so the query is
 * prepared once. Without a configuration it is `group`.
 */
export const scopeReader = ({ prepare }: Pick<Sqlite<unknown>, "prepare">): ((groupId: string) => Scope) => {
  const row = prepare<{ cli_scope: string }>(
    "select cli_scope from container_configs where agent_group_id = ?",
  );
  return (groupId) => toScope(row.get(groupId)?.cli_scope ?? "group");
};

/** The same in a transaction, with what it has changed itself. */
export const readScope = async <Tables extends ContainerConfigTables>(
  anyDb: Kysely<Tables> | Transaction<Tables>,
  groupId: string,
): Promise<Scope> => {
  // Kysely's type is not covariant in its tables; of these only our own are used.
  const db = anyDb as unknown as Kysely<ContainerConfigTables>;
  const row = await db
    .selectFrom("container_configs")
    .select("cli_scope")
    .where("agent_group_id", "=", groupId)
    .executeTakeFirst();
  return toScope(row?.cli_scope ?? "group");
};

/** A text that is no scope gives nobody anything. */
const toScope = (text: string): Scope => (text === "group" || text === "global" ? text : "disabled");
