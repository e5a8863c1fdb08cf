import { crud } from "@nc/cli-scope";
import type { ResourceOf } from "../world/stored-table.ts";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const resource: ResourceOf<"sessions"> = {
  name: "session",
  plural: "sessions",
  description:
    "One conversation of an agent group: a chat, or a thread of it, and the container that serves it.",
  id: { description: "The session.", example: "se-1" },
  rowGroup: "agent_group_id",
  columns: [
    { name: "id", type: "string", description: "se-<uuid>", generated: true },
    {
      name: "agent_group_id",
      type: "string",
      description: "The agent group that answers.",
      lock: "group",
      refersTo: "groups",
    },
    {
      name: "messaging_group_id",
      type: "string",
      description: "The chat; none if the session serves all of them.",
      refersTo: "messaging-groups",
    },
    { name: "thread_id", type: "string", description: "The thread, where each has a session of its own." },
    { name: "agent_provider", type: "string", description: "Overrides the provider of the group." },
    {
      name: "status",
      type: "string",
      description: "Whether it takes messages.",
      values: ["active", "closed"],
    },
    {
      name: "container_status",
      type: "string",
      description: "Whether its container runs.",
      values: ["running", "idle", "stopped"],
    },
    {
      name: "config_generation",
      type: "integer",
      description: "The configuration that its container started with.",
    },
    { name: "last_active", type: "string", description: "Its last message or heartbeat." },
    { name: "created_at", type: "string", description: "When it began.", generated: true },
  ],
  verbs: { list: access.read, get: access.read },
};

export const sessions: StoredResource = storedResource({
  resource,
  commands: crud(resource),
  stored: {
    table: "sessions",
    id: "id",
    idPrefix: "se",
    group: "agent_group_id",
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
  },
});
