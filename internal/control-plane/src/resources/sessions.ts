import { crud, defineCommand, type Command } from "@nc/cli-scope";
import type { CommandContext, ReadContext } from "../world/command-context.ts";
import { refused } from "../world/reply.ts";
import { sessionsIntent } from "../world/sessions/sessions-intent.ts";
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
    { name: "incarnation", type: "integer", description: "How many containers it has had." },
    { name: "container_ref", type: "string", description: "What the runtime calls its container." },
    { name: "image", type: "string", description: "The image of its last container." },
    { name: "last_active", type: "string", description: "Its last message or heartbeat." },
    { name: "created_at", type: "string", description: "When it began.", generated: true },
  ],
  verbs: { list: access.read, get: access.read },
};

const close: Command<CommandContext, ReadContext> = defineCommand({
  words: "sessions close",
  resource: "sessions",
  effect: "act",
  access: "approval",
  reach: "host",
  description: "End a session and its container. The next message of its chat begins another.",
  examples: ["sessions close se-1"],
  flags: [{ name: "id", type: "string", description: "The session.", required: true, refersTo: "sessions" }],
  positional: "id",
  intent: async ({ id }, { context }) => {
    const session = await context.rows("sessions").get(id);
    if (!session.ok) return session;
    if (session.value === null) return refused("not-found", `There is no session "${id}": ncl sessions list`);
    const groupId = String(session.value["agent_group_id"]);
    return sessionsIntent("stop", { sessionIds: [id], groupId, message: null, reason: "closed by ncl" });
  },
});

export const sessions: StoredResource = storedResource({
  resource,
  commands: [...crud(resource), close],
  stored: {
    table: "sessions",
    id: "id",
    idPrefix: "se",
    group: "agent_group_id",
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
  },
});
