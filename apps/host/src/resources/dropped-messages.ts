import { crud, type Resource } from "@nc/cli-scope";
import { storedTable } from "../world/stored-table.ts";
import { access, type StoredResource } from "./stored-resource.ts";

const resource: Resource = {
  name: "dropped message",
  plural: "dropped-messages",
  description: "Messages of senders whom nobody registered, counted for each chat.",
  id: { description: "the chat" },
  columns: [
    { name: "channel_type", type: "string", description: "the platform" },
    { name: "platform_id", type: "string", description: "the chat's id on that platform" },
    { name: "user_id", type: "string", description: "the last sender" },
    { name: "sender_name", type: "string", description: "the name of the last sender" },
    { name: "reason", type: "string", description: "why the last one was dropped" },
    { name: "messaging_group_id", type: "string", description: "the chat, if it is known" },
    { name: "agent_group_id", type: "string", description: "the agent group that it was for", lock: "group" },
    { name: "message_count", type: "integer", description: "how many were dropped" },
    { name: "first_seen", type: "string", description: "when the first was" },
    { name: "last_seen", type: "string", description: "when the last was", generated: true },
  ],
  verbs: { list: access.readAcrossGroups },
};

export const droppedMessages: StoredResource = {
  plural: resource.plural,
  description: resource.description,
  commands: crud(resource),
  stored: storedTable<"dropped_messages">({
    table: "dropped_messages",
    noun: "dropped message",
    id: null,
    group: "agent_group_id",
    stamp: "last_seen",
    newestFirst: ["last_seen", "channel_type", "platform_id"],
    columns: [
      "channel_type",
      "platform_id",
      "user_id",
      "sender_name",
      "reason",
      "messaging_group_id",
      "agent_group_id",
      "message_count",
      "first_seen",
      "last_seen",
    ],
    unique: ["channel_type", "platform_id"],
  }),
};
