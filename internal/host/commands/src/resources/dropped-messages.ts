import { crud } from "@nc/cli-scope";
import type { ResourceOf } from "@gatehouse/command-context";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const resource: ResourceOf<"dropped_messages"> = {
  name: "dropped message",
  plural: "dropped-messages",
  description: "Messages of unregistered senders, counted for each chat.",
  id: { description: "The chat." },
  columns: [
    { name: "channel_type", type: "string", description: "The platform." },
    { name: "platform_id", type: "string", description: "The chat's id on that platform." },
    { name: "user_id", alias: "user", type: "string", description: "The last sender.", refersTo: "users" },
    { name: "sender_name", type: "string", description: "The name of the last sender." },
    { name: "reason", type: "string", description: "Why the last message was dropped." },
    {
      name: "messaging_group_id",
      type: "string",
      description: "The chat, if it is known.",
      refersTo: "messaging-groups",
    },
    {
      name: "agent_group_id",
      alias: "group",
      type: "string",
      description: "The agent group that it was for.",
      lock: "group",
      refersTo: "groups",
    },
    { name: "message_count", type: "integer", description: "How many were dropped." },
    { name: "first_seen", type: "string", description: "When the first was dropped." },
    { name: "last_seen", type: "string", description: "When the last was dropped.", generated: true },
  ],
  verbs: { list: access.readAcrossGroups },
};

export const droppedMessages: StoredResource = storedResource({
  resource,
  commands: crud(resource),
  stored: {
    table: "dropped_messages",
    id: null,
    group: "agent_group_id",
    stamp: "last_seen",
    newestFirst: ["last_seen", "channel_type", "platform_id"],
    unique: ["channel_type", "platform_id"],
  },
});
