import { chatDestinationName } from "@gatehouse/central-database";
import type { ConvertedRows, ImportedRow, LegacyRows, RowNote } from "./convert-rows.ts";
import { utc } from "./field-reader.ts";

/** The destinations that the import makes, and a note about each wiring without one. */
export type MissingDestinations = {
  readonly made: readonly ImportedRow[];
  readonly notes: readonly RowNote[];
};

/**
 * Makes the missing destination of each wired chat: without one, the agent's replies to the chat would be dropped. Does not
 * make a destination again that a person removed. A nanoclaw with destinations makes one for each wiring, and makes those of
 * older wirings when it is updated. So a person removed the destination of an older wiring without one.
 */
export const missingDestinations = (source: LegacyRows, { rows }: ConvertedRows): MissingDestinations => {
  const made: ImportedRow[] = [];
  const notes: RowNote[] = [];
  const since = madeSince(source);
  const chats = new Map(rows.messaging_groups.map((chat) => [chat["id"], chat]));
  const names = new Set(rows.agent_destinations.map((one) => keyOf(one, one["local_name"])));
  const targets = new Set(
    rows.agent_destinations
      .filter(({ target_type }) => target_type === "channel")
      .map((one) => keyOf(one, one["target_id"])),
  );
  for (const wiring of rows.messaging_group_agents) {
    const { agent_group_id = null, messaging_group_id: target_id = null, created_at = null } = wiring;
    if (targets.has(keyOf(wiring, target_id))) continue;
    const local_name = chatDestinationName(chatOf(chats.get(target_id)), (name) =>
      names.has(keyOf(wiring, name)),
    );
    const note = { table: "messaging_group_agents", key: String(wiring["id"]) };
    if (since !== null && String(created_at) < since) {
      const command = `ncl destinations add --agent-group-id ${String(agent_group_id)} --local-name ${local_name} --target-type channel --target-id ${String(target_id)}`;
      notes.push({
        ...note,
        why: `its agent may not send to this chat, as in nanoclaw; to allow it: ${command}`,
      });
      continue;
    }
    names.add(keyOf(wiring, local_name));
    made.push({ agent_group_id, local_name, target_type: "channel", target_id, created_at });
    notes.push({
      ...note,
      why: `its agent got the destination ${local_name}, without which its replies are dropped`,
    });
  }
  return { made, notes };
};

const keyOf = ({ agent_group_id }: ImportedRow, of: ImportedRow[string] | undefined): string =>
  JSON.stringify([agent_group_id, of]);

const chatOf = (chat: ImportedRow | undefined): Parameters<typeof chatDestinationName>[0] => {
  const name = chat?.["name"];
  return {
    id: String(chat?.["id"]),
    channel_type: String(chat?.["channel_type"]),
    name: typeof name === "string" ? name : null,
  };
};

/** Returns the time at which this nanoclaw got destinations, or null if it is not known. */
const madeSince = (source: LegacyRows): string | null => {
  const steps = source["schema_version"] ?? [];
  const applied = steps.find(({ name }) => name === "agent-destinations")?.["applied"];
  return typeof applied === "string" ? utc(applied) : null;
};
