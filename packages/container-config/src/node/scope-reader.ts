import type { Scope } from "../scope.ts";
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

/** A text that is no scope gives nobody anything. */
const toScope = (text: string): Scope => (text === "group" || text === "global" ? text : "disabled");
