import type { Args, Command, Effect, Flag, Handler, RunCommand } from "./command.ts";
import { crud } from "./crud.ts";
import type { Resource, RowsContext } from "./resource.ts";

/** A flag for the id of an agent group, under this name. */
const groupFlag = (name: string): Flag => ({
  name,
  type: "string",
  description: "The agent group.",
  required: true,
  lock: "group",
});

const text = (name: string, more: Partial<Flag> = {}): Flag => ({
  name,
  type: "string",
  description: `The ${name.replaceAll("_", " ")}.`,
  ...more,
});

const effectOf = { open: "read", approval: "change", operator: "change" } satisfies Record<
  Command<never>["access"],
  Effect
>;

const open = { access: "open", reach: "group" } as const;
const approval = { access: "approval", reach: "group" } as const;
const operators = { access: "approval", reach: "host" } as const;
const readAcross = { access: "open", reach: "host" } as const;
const generated = { type: "string", description: "Set by the host.", generated: true } as const;

const resources: readonly Resource[] = [
  {
    name: "agent group",
    plural: "groups",
    description: "Agents' homes",
    id: { description: "The agent group.", lock: "group" },
    rowGroup: "id",
    columns: [
      { name: "name", type: "string", description: "Its name.", required: true, updatable: true },
      { name: "folder", type: "string", description: "Its folder.", required: true },
      { name: "created_at", ...generated },
    ],
    verbs: { list: open, get: open, create: operators, update: approval, delete: approval },
  },
  {
    name: "session",
    plural: "sessions",
    description: "Conversations of an agent group",
    id: { description: "The session." },
    rowGroup: "agent_group_id",
    columns: [
      { name: "agent_group_id", ...generated, lock: "group" },
      { name: "status", type: "string", description: "Where it is.", values: ["active", "closed"] },
    ],
    verbs: { list: open, get: open },
  },
  {
    name: "wiring",
    plural: "wirings",
    description: "Which agent group answers where",
    id: { description: "The wiring.", lock: "wiring" },
    rowGroup: "agent_group_id",
    columns: [
      {
        name: "agent_group_id",
        type: "string",
        description: "The agent group.",
        required: true,
        lock: "group",
      },
      { name: "engage_pattern", type: "string", description: "When it answers.", updatable: true },
      {
        name: "priority",
        type: "integer",
        description: "Which comes first.",
        min: 0,
        max: 9,
        updatable: true,
      },
      {
        name: "sender_scope",
        type: "string",
        description: "Whom it answers.",
        values: ["all", "known"],
        updatable: true,
        escalates: true,
      },
    ],
    verbs: { list: readAcross, get: open, create: operators, update: approval, delete: operators },
  },
  {
    name: "messaging group",
    plural: "messaging-groups",
    description: "Chats",
    id: { description: "The chat." },
    columns: [
      { name: "platform_id", type: "string", description: "Its id there.", required: true },
      { name: "secret_key", type: "string", description: "Its key.", updatable: true },
    ],
    verbs: { list: readAcross, get: readAcross, create: operators, update: operators, delete: operators },
  },
  {
    name: "user",
    plural: "users",
    description: "People",
    id: { description: "The person: channel:handle." },
    columns: [{ name: "display_name", type: "string", description: "Their name.", updatable: true }],
    verbs: { list: readAcross, get: readAcross, update: operators },
  },
];

/** Answers with its own arguments. */
const echo: Handler<unknown> = async (args) => ({ ok: true, value: { data: { echo: args } } });

type Custom = Pick<RunCommand<RowsContext>, "words" | "flags"> & Partial<RunCommand<RowsContext>>;

const custom = (more: Custom): Command<RowsContext> => ({
  resource: more.words.split(" ")[0] ?? null,
  description: `Does what "${more.words}" says.`,
  run: echo,
  effect: effectOf[more.access ?? "open"],
  ...open,
  ...more,
});

/**
 * Commands of every kind: generic and custom ones, of every access and reach, with every kind of flag and
 * lock.
 */
export const sampleCommands: readonly Command<RowsContext>[] = [
  ...resources.flatMap((resource) => crud(resource)),
  custom({ words: "groups config get", flags: [groupFlag("id")], positional: "id" }),
  custom({
    words: "groups config update",
    positional: "id",
    ...approval,
    examples: ["groups config update --model opus"],
    flags: [
      groupFlag("id"),
      text("model"),
      { name: "max_messages_per_prompt", type: "integer", description: "How many.", min: 1, max: 1000 },
      { name: "cpus", type: "number", description: "Processors.", min: 0.1 },
      { name: "unset", type: "list", description: "What to unset.", values: ["model", "effort"] },
      {
        name: "cli_scope",
        type: "string",
        description: "Its scope.",
        values: ["disabled", "group", "global"],
        escalates: true,
      },
    ],
  }),
  custom({
    words: "groups config add-mcp-server",
    positional: "id",
    ...approval,
    flags: [
      groupFlag("id"),
      text("name", { required: true }),
      text("command", { required: true }),
      { name: "args", type: "json", description: "Its arguments." },
      { name: "env", type: "json", description: "Its environment." },
    ],
  }),
  custom({
    words: "groups config add-mount",
    positional: "id",
    access: "operator",
    flags: [
      groupFlag("id"),
      text("host", { required: true }),
      { name: "rw", type: "boolean", description: "Writable." },
    ],
  }),
  custom({ words: "destinations list", flags: [{ ...groupFlag("id"), required: false }], positional: "id" }),
  custom({
    words: "destinations add",
    ...approval,
    flags: [groupFlag("id"), text("local_name", { required: true })],
  }),
  custom({ words: "members list", flags: [groupFlag("group")] }),
  custom({
    words: "members add",
    ...approval,
    flags: [groupFlag("group"), text("user", { required: true })],
  }),
  custom({ words: "roles grant", ...operators, flags: [text("user"), text("role"), text("group")] }),
  custom({ words: "approvals list", ...readAcross, flags: [] }),
  custom({
    words: "approvals approve",
    access: "operator",
    reach: "host",
    flags: [text("id", { required: true })],
    positional: "id",
  }),
];

/** A valid value for each required flag that is not locked. */
export const neededArgs = ({ flags }: Pick<Command<never>, "flags">): Args =>
  Object.fromEntries(
    flags
      .filter(({ required, lock }) => required === true && lock === undefined)
      .map(({ name }) => [name, "x"]),
  );
