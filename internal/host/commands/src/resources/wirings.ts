import { crud, type Row } from "@nc/cli-scope";
import {
  addChatDestination,
  forgetRefusal,
  type Wiring,
  patternProblem as unusablePattern,
  type ResourceOf,
} from "@gatehouse/command-context";
import { guardedFromStrangers } from "./group-config/open-to-strangers.ts";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

/**
 * A change of such a column may let more people write to the agent, so an agent of scope `group` may not make
 * it.
 */
const escalates = true;

const resource: ResourceOf<"messaging_group_agents"> = {
  name: "wiring",
  plural: "wirings",
  description: "Which agent group answers in which chat, and when.",
  id: { description: "The wiring.", lock: "wiring", example: "wi-1" },
  rowGroup: "agent_group_id",
  columns: [
    { name: "id", type: "string", description: "wi-<uuid>", generated: true },
    {
      name: "messaging_group_id",
      type: "string",
      description: "The chat.",
      refersTo: "messaging-groups",
      example: "mg-1",
      required: true,
    },
    {
      name: "agent_group_id",
      alias: "group",
      type: "string",
      description: "The agent group that answers.",
      example: "ag-1",
      required: true,
      lock: "group",
      refersTo: "groups",
    },
    {
      name: "engage_mode",
      type: "string",
      example: "mention",
      description:
        "pattern: messages that engage_pattern matches; mention: messages that mention the agent; mention-sticky: these, and all later messages of that chat or thread.",
      values: ["pattern", "mention", "mention-sticky"],
      updatable: true,
    },
    {
      name: "engage_pattern",
      type: "string",
      description: "A regular expression of RE2, for the mode pattern; . for every message.",
      updatable: true,
    },
    {
      name: "sender_scope",
      type: "string",
      description: "All, or only people with a role or a membership in the group.",
      values: ["all", "known"],
      updatable: true,
      escalates,
    },
    {
      name: "ignored_message_policy",
      type: "string",
      description: "Drop what does not engage the agent, or accumulate it as background.",
      values: ["drop", "accumulate"],
      updatable: true,
      escalates,
    },
    {
      name: "session_mode",
      type: "string",
      description: "One session for the chat, for each thread, or for all chats of the agent.",
      values: ["shared", "per-thread", "agent-shared"],
      updatable: true,
    },
    {
      name: "priority",
      type: "integer",
      description: "The wiring with the higher number is asked first.",
      updatable: true,
    },
    { name: "created_at", type: "string", description: "When it was made.", generated: true },
  ],
  verbs: {
    list: access.readAcrossGroups,
    get: access.read,
    create: access.changeAcrossGroups,
    update: access.change,
    delete: access.changeAcrossGroups,
  },
};

/** The wiring after a command, by the command's words. */
const plannedWirings: Readonly<Record<string, Parameters<typeof guardedFromStrangers>[1]>> = {
  "wirings create": (args) => Promise.resolve({ wirings: [args] }),
  "wirings update": async ({ id, sender_scope }, { rows }) => {
    const found = sender_scope === undefined ? null : await rows("wirings").get(String(id));
    return { wirings: found?.ok === true && found.value !== null ? [{ ...found.value, sender_scope }] : [] };
  },
};

export const wirings: StoredResource = storedResource({
  resource,
  commands: crud(resource).map((command) => {
    const planned = plannedWirings[command.words];
    return planned === undefined ? command : guardedFromStrangers(command, planned);
  }),
  stored: {
    table: "messaging_group_agents",
    id: "id",
    idPrefix: "wi",
    group: "agent_group_id",
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
    unique: ["messaging_group_id", "agent_group_id"],
    references: [
      { column: "messaging_group_id", table: "messaging_groups", noun: "messaging group" },
      { column: "agent_group_id", table: "agent_groups", noun: "group" },
    ],
    sessionsBy: { agent_group_id: "agent_group_id", messaging_group_id: "messaging_group_id" },
    problem: (row) => patternProblem(row),
    complete: async (db, row) => {
      await forgetRefusal(db, (row as Wiring).messaging_group_id);
      return { destination: await addChatDestination(db, row as Wiring) };
    },
  },
});

/**
 * A broken pattern would fail at each message, long after it was saved. An empty pattern matches every
 * message, which the caller has to write as ".".
 */
const patternProblem = ({ engage_mode: mode, engage_pattern: pattern }: Row): string | null => {
  if (mode === "pattern" && typeof pattern !== "string")
    return 'The mode "pattern" needs --engage-pattern; "." matches every message.';
  if (typeof pattern !== "string") return null;
  if (pattern === "")
    return '--engage-pattern is empty, which matches every message: write "." if you mean that.';
  const why = unusablePattern(pattern);
  return why === null ? null : `--engage-pattern is ${why}: ${JSON.stringify(pattern)}.`;
};
