import { crud, defineCommand, type Command, type Row } from "@nc/cli-scope";
import {
  type CommandContext,
  type ReadContext,
  done,
  refused,
  type ResourceOf,
} from "@gatehouse/command-context";
import { guardedFromStrangers, wiringsOf } from "./group-config/open-to-strangers.ts";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const resource: ResourceOf<"messaging_groups"> = {
  name: "messaging group",
  plural: "messaging-groups",
  description: "One chat or channel on one platform, known by its type and its id there.",
  id: { description: "The messaging group.", example: "mg-1" },
  columns: [
    { name: "id", type: "string", description: "mg-<uuid>", generated: true },
    {
      name: "channel_type",
      type: "string",
      description: "The platform: telegram, discord, slack, ...",
      example: "telegram",
      required: true,
    },
    {
      name: "platform_id",
      type: "string",
      description: "The chat's id on that platform.",
      example: "telegram:-1001234567890",
      required: true,
    },
    {
      name: "instance",
      type: "string",
      description: "The bot that has the chat, where the platform has several; left out for the first bot.",
    },
    { name: "name", type: "string", description: "The name to show.", example: "Family", updatable: true },
    {
      name: "is_group",
      type: "integer",
      description: "1 for a chat of several people, 0 for a direct message.",
      min: 0,
      max: 1,
      updatable: true,
    },
    {
      name: "user_id",
      type: "string",
      description: "The person of a direct chat, as its channel tells it.",
      generated: true,
    },
    {
      name: "unknown_sender_policy",
      type: "string",
      description: "What happens when a stranger writes: strict drops it, request_approval asks an admin.",
      values: ["strict", "request_approval", "decline_notify", "public"],
      updatable: true,
    },
    { name: "created_at", type: "string", description: "When it was made.", generated: true },
    {
      name: "refused_at",
      type: "string",
      description: "When a person refused an agent in this chat. The host does not ask again.",
      generated: true,
    },
    { name: "refused_by", type: "string", description: "Who refused.", generated: true },
  ],
  verbs: {
    list: access.readAcrossGroups,
    get: access.readAcrossGroups,
    create: access.changeAcrossGroups,
    update: access.changeAcrossGroups,
    delete: access.changeAcrossGroups,
  },
};

const askAgain: Command<CommandContext, ReadContext> = defineCommand({
  words: "messaging-groups ask-again",
  resource: "messaging-groups",
  ...access.changeAcrossGroups,
  description:
    "Undo a refusal of agents in a chat: the host asks again at the next message to the bot there.",
  examples: ["messaging-groups ask-again mg-1"],
  flags: [
    { name: "id", type: "string", description: "The chat.", required: true, refersTo: "messaging-groups" },
  ],
  positional: "id",
  run: async ({ id }, { context }) => {
    const rows = context.rows("messaging-groups");
    const before = await rows.get(id);
    if (!before.ok) return before;
    if (before.value === null) return noChat(id);
    if (before.value["refused_at"] === undefined)
      return done(before.value, { warnings: [`${id} was not refused.`] });
    const saved = await rows.update(id, { refused_at: null, refused_by: null });
    return saved.ok ? done(saved.value) : saved;
  },
});

const noChat = (id: string) =>
  refused("not-found", `There is no messaging group "${id}": ncl messaging-groups list`);

export const messagingGroups: StoredResource = storedResource({
  resource,
  commands: [
    ...crud(resource).map((command) =>
      command.words === "messaging-groups update"
        ? guardedFromStrangers(command, async ({ id, unknown_sender_policy: policy }, context) => ({
            wirings: policy === undefined ? [] : await wiringsOf({ messaging_group_id: String(id) }, context),
            policy,
          }))
        : command,
    ),
    askAgain,
  ],
  stored: {
    table: "messaging_groups",
    id: "id",
    idPrefix: "mg",
    label: "name",
    names: ["platform_id"],
    group: null,
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
    unique: ["channel_type", "platform_id", "instance"],
    defaults: { instance: "" },
    sessionsBy: { messaging_group_id: "id" },
    problem: (row) => instanceProblem(row) ?? directProblem(row),
    present: ({ instance, refused_at, refused_by, ...row }) => ({
      ...row,
      ...(instance === "" ? {} : { instance }),
      ...(refused_at === null ? {} : { refused_at, refused_by }),
    }),
    dependents: [
      { what: "wirings", table: "messaging_group_agents", column: "messaging_group_id" },
      {
        what: "approvals",
        table: "pending_approvals",
        column: "session_id",
        through: { table: "sessions", column: "messaging_group_id" },
      },
      { what: "sessions", table: "sessions", column: "messaging_group_id" },
      { what: "tasks", table: "tasks", column: "messaging_group_id" },
      { what: "user_dms", table: "user_dms", column: "messaging_group_id" },
      {
        what: "destinations",
        table: "agent_destinations",
        column: "target_id",
        clear: ["target_type", "channel"],
      },
    ],
  },
});

/** nanoclaw names the first bot by its platform; here it has no name, so that a chat has one row. */
const instanceProblem = ({ channel_type: platform, instance }: Row): string | null => {
  if (instance === platform)
    return "--instance is for a second bot on the platform: leave it out for the first.";
  return instance === "" || /^[A-Za-z0-9][\w.-]{0,63}$/.test(String(instance))
    ? null
    : `--instance is letters, digits, . _ and -, at most 64, not ${JSON.stringify(instance)}.`;
};

/** Its messages came from one person, so it stays a chat of that person. */
const directProblem = ({ id, is_group: isGroup, user_id: userId }: Row): string | null =>
  isGroup === 1 && typeof userId === "string"
    ? `--is-group 1 is for a chat of several people: ${String(id)} is a direct chat of ${userId}.`
    : null;
