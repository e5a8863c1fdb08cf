import { crud, defineCommand, type Call, type Command } from "@nc/cli-scope";
import {
  type CommandContext,
  done,
  type ReadContext,
  refused,
  sessionsIntent,
  type ResourceOf,
} from "@gatehouse/command-context";
import { readableList } from "./readable-list.ts";
import { sessionConfigCommands } from "./session-config.ts";
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
      alias: "group",
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
    {
      name: "task_id",
      type: "string",
      description: "The task whose runs it has; none for a conversation with people.",
      refersTo: "tasks",
    },
    { name: "agent_provider", type: "string", description: "Overrides the provider of the group." },
    { name: "agent_model", type: "string", description: "Overrides the model of the group." },
    {
      name: "agent_model_provider",
      type: "string",
      description: "The provider that it was given its model for.",
    },
    {
      name: "container_agent",
      type: "string",
      description: "The provider and model that its last container started with, and who decided.",
    },
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
      values: ["running", "stopped"],
    },
    {
      name: "config_generation",
      type: "integer",
      description: "The configuration that its container started with.",
    },
    { name: "incarnation", type: "integer", description: "How many containers it has had." },
    { name: "container_ref", type: "string", description: "What the runtime calls its container." },
    { name: "last_active", type: "string", description: "Its last message or heartbeat." },
    { name: "created_at", type: "string", description: "When it began.", generated: true },
  ],
  verbs: { list: access.read, get: access.read },
};

const flags = [
  { name: "id", type: "string", description: "The session.", required: true, refersTo: "sessions" },
] as const;

const noSession = (id: string) => refused("not-found", `There is no session "${id}": ncl sessions list`);

/** Builds an intent for one session. Refuses with `not-found` if there is no such session. */
const forSession =
  (kind: "wake" | "stop", reason: string) =>
  async ({ id }: { readonly id: string }, { context }: Call<CommandContext>) => {
    const session = await context.rows("sessions").get(id);
    if (!session.ok) return session;
    if (session.value === null) return noSession(id);
    const groupId = String(session.value["agent_group_id"]);
    return sessionsIntent(kind, { sessionIds: [id], groupId, message: null, reason });
  };

const close: Command<CommandContext, ReadContext> = defineCommand({
  words: "sessions close",
  resource: "sessions",
  effect: "act",
  access: "approval",
  reach: "host",
  description: "End a session and its container. The next message of its chat begins another.",
  examples: ["sessions close se-1"],
  flags,
  positional: "id",
  intent: forSession("stop", "closed by ncl"),
});

const wake: Command<CommandContext, ReadContext> = defineCommand({
  words: "sessions wake",
  resource: "sessions",
  effect: "act",
  access: "approval",
  reach: "host",
  description:
    "Start the container of a session that has none, and say why if it does not start. It starts at once, without a message and before the next planned try.",
  examples: ["sessions wake se-1"],
  flags,
  positional: "id",
  intent: forSession("wake", "woken by ncl"),
});

const messages: Command<CommandContext, ReadContext> = defineCommand({
  words: "sessions messages",
  resource: "sessions",
  ...access.operator,
  effect: "read",
  description:
    "List the last messages to the agent of a session, newest first: when each was received, kept, taken in work, answered, and when the answer was delivered.",
  examples: ["sessions messages se-1", "sessions messages se-1 --limit 100"],
  flags: [
    ...flags,
    {
      name: "limit",
      type: "integer",
      description: "How many at most; 20 if not given.",
      min: 1,
      max: 1000,
    },
  ],
  positional: "id",
  run: async ({ id, limit = 20 }, { context }) => {
    const session = await context.rows("sessions").get(id);
    if (!session.ok) return session;
    if (session.value === null) return noSession(id);
    return done(await context.messagesOf(id, limit));
  },
});

export const sessions: StoredResource = storedResource({
  resource,
  commands: [
    ...crud(resource).map(
      readableList("sessions list", [
        ...["group", "chat", "status", "container_status", "last_active", "id"],
        ...["person", "thread_id", "created_at"],
      ]),
    ),
    ...sessionConfigCommands,
    ...[messages, wake, close],
  ],
  stored: {
    table: "sessions",
    id: "id",
    idPrefix: "se",
    group: "agent_group_id",
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
  },
});
