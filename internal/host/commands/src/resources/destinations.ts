import {
  crud,
  defineCommand,
  type Command,
  type CommandError,
  type Flag,
  type Reference,
} from "@nc/cli-scope";
import {
  type ResourceOf,
  type CommandContext,
  type ReadContext,
  done,
  refused,
} from "@gatehouse/command-context";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const targetTypes = ["channel", "agent"] as const;

const targets = [
  { resource: "messaging-groups", where: { target_type: "channel" } },
  { resource: "groups", where: { target_type: "agent" } },
] as const satisfies readonly Reference[];

const resource: ResourceOf<"agent_destinations"> = {
  name: "destination",
  plural: "destinations",
  description: "Where an agent group may send messages, each under a name.",
  id: { description: "The agent group.", lock: "group", refersTo: "groups" },
  rowGroup: "agent_group_id",
  columns: [
    {
      name: "agent_group_id",
      alias: "group",
      type: "string",
      description: "The agent group that sends.",
      lock: "group",
      refersTo: "groups",
    },
    { name: "local_name", type: "string", description: "The name that the agent uses." },
    {
      name: "target_type",
      type: "string",
      description: "A chat, or another agent group.",
      values: targetTypes,
    },
    {
      name: "target_id",
      type: "string",
      description: "The messaging group, or the agent group.",
      refersTo: targets,
    },
    { name: "created_at", type: "string", description: "When it was made.", generated: true },
  ],
  verbs: { list: access.read },
};

const group = {
  name: "agent_group_id",
  alias: "group",
  type: "string",
  description: "The agent group that sends.",
  required: true,
  lock: "group",
  refersTo: "groups",
} as const satisfies Flag;
const localName = {
  name: "local_name",
  type: "string",
  description: "The name that the agent uses: lower case, digits, - and _.",
  required: true,
} as const satisfies Flag;

const add: Command<CommandContext, ReadContext> = defineCommand({
  words: "destinations add",
  resource: "destinations",
  ...access.change,
  description: "Let an agent group send to a chat, or to another agent group.",
  examples: [
    "destinations add --agent-group-id ag-1 --local-name family --target-type channel --target-id mg-1",
  ],
  flags: [
    group,
    localName,
    {
      name: "target_type",
      type: "string",
      description: "A chat, or another agent group.",
      values: targetTypes,
      required: true,
    },
    {
      name: "target_id",
      type: "string",
      description: "The messaging group, or the agent group.",
      required: true,
      refersTo: targets,
      names: [
        { what: "chat", where: { target_type: "channel" } },
        { what: "group", where: { target_type: "agent" } },
      ],
    },
  ],
  rowGroup: "agent_group_id",
  check: ({ local_name }) => {
    const problem = nameProblem(local_name);
    return problem === null ? null : { code: "invalid-args", message: problem };
  },
  run: async (wanted, { context }) => {
    const rows = context.rows("destinations");
    const there = await rows.list({ where: wanted, limit: 1 });
    if (there.ok && there.value[0] !== undefined)
      return done(there.value[0], { warnings: [`${wanted.local_name} was there already.`] });
    const missing = await missingTarget(wanted, context);
    if (missing !== null) return { ok: false, error: missing };
    const created = await rows.create(wanted);
    return created.ok ? done(created.value) : created;
  },
});

type Target = { readonly target_type: string; readonly target_id: string };

/** Checks only that the target exists. Any target is allowed, because an approval protects the change. */
const missingTarget = async (
  { target_type, target_id }: Target,
  context: Pick<ReadContext, "hasTarget">,
): Promise<CommandError | null> =>
  (await context.hasTarget(target_type, target_id))
    ? null
    : { code: "not-found", message: `There is no ${target_type} "${target_id}" (--target-id).` };

const noDestination = ({ agent_group_id, local_name }: Record<"agent_group_id" | "local_name", string>) =>
  refused("not-found", `${agent_group_id} has no destination "${local_name}".`);

const remove: Command<CommandContext, ReadContext> = defineCommand({
  words: "destinations remove",
  resource: "destinations",
  ...access.change,
  description: "Remove a destination from an agent group.",
  examples: ["destinations remove --agent-group-id ag-1 --local-name family"],
  flags: [group, localName],
  rowGroup: "agent_group_id",
  run: async (where, { context }) => {
    const [removed] = await context.rows("destinations").remove(where);
    return removed === undefined ? noDestination(where) : done(removed);
  },
});

export const destinations: StoredResource = storedResource({
  resource,
  commands: [...crud(resource), add, remove],
  stored: {
    table: "agent_destinations",
    id: "agent_group_id",
    group: "agent_group_id",
    stamp: "created_at",
    newestFirst: ["created_at", "agent_group_id", "local_name"],
    unique: ["agent_group_id", "local_name"],
    references: [{ column: "agent_group_id", table: "agent_groups", noun: "group" }],
  },
});

const nameProblem = (name: string): string | null =>
  /^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)
    ? null
    : `--local-name is lower case, digits, - and _, at most 64, and begins with a letter or digit, not ${JSON.stringify(name)}.`;
