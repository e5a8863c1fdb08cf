import type { ConvertedRows, ImportedRow, LegacyRows } from "./convert-rows.ts";
import type { LegacyRow } from "./field-reader.ts";

/**
 * Returns a function that is true for a group if the import may lack people who write to the group: if a wiring of the
 * group or the person of one of its direct chats was left out. Then other people than an owner may write to the group.
 */
export const hasUnreadChats = (
  source: LegacyRows,
  { rows }: ConvertedRows,
): ((groupId: string) => boolean) => {
  const wirings = missing(source["messaging_group_agents"], rows.messaging_group_agents, "agent_group_id");
  const people = missing(source["user_dms"], rows.user_dms, "messaging_group_id");
  const chatsOf = (groupId: string) =>
    rows.messaging_group_agents.filter(({ agent_group_id }) => agent_group_id === groupId);
  return (groupId) =>
    wirings(groupId) || chatsOf(groupId).some(({ messaging_group_id }) => people(String(messaging_group_id)));
};

/**
 * Returns a function that is true for a value if a row with this value in `column` was not imported. A row without text in
 * the column may have any value.
 */
const missing = (
  source: readonly LegacyRow[] = [],
  taken: readonly ImportedRow[],
  column: string,
): ((value: string) => boolean) => {
  const mayHaveAnyValue = source.some((row) => typeof row[column] !== "string");
  const count = (rows: readonly LegacyRow[], value: string): number =>
    rows.filter((row) => row[column] === value).length;
  return (value) => mayHaveAnyValue || count(taken, value) < count(source, value);
};
