import { crud, defineCommand, type Command, type Flag } from "@nc/cli-scope";
import type { ResourceOf } from "../world/stored-table.ts";
import type { CommandContext } from "../world/command-context.ts";
import { done, refused } from "../world/reply.ts";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const targetTypes = ["channel", "agent"] as const;

const resource: ResourceOf<"agent_destinations"> = {
  name: "destination",
  plural: "destinations",
  description: "Where an agent group may send messages, each under a name.",
  id: { description: "The agent group.", lock: "group" },
  rowGroup: "agent_group_id",
  columns: [
    { name: "agent_group_id", type: "string", description: "The agent group that sends.", lock: "group" },
    { name: "local_name", type: "string", description: "The name that the agent uses." },
    {
      name: "target_type",
      type: "string",
      description: "A chat, or another agent group.",
      values: targetTypes,
    },
    { name: "target_id", type: "string", description: "The messaging group, or the agent group." },
    { name: "created_at", type: "string", description: "When it was made.", generated: true },
  ],
  verbs: { list: access.read },
};

const group = {
  name: "agent_group_id",
  type: "string",
  description: "The agent group that sends.",
  required: true,
  lock: "group",
} as const satisfies Flag;
const localName = {
  name: "local_name",
  type: "string",
  description: "The name that the agent uses: lower case, digits, dashes.",
  required: true,
} as const satisfies Flag;

const add: Command<CommandContext> = defineCommand({
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
    if (!(await context.hasTarget(wanted.target_type, wanted.target_id)))
      return refused("not-found", `There is no ${wanted.target_type} "${wanted.target_id}" (--target-id).`);
    const created = await rows.create(wanted);
    return created.ok ? done(created.value) : created;
  },
});

const remove: Command<CommandContext> = defineCommand({
  words: "destinations remove",
  resource: "destinations",
  ...access.change,
  description: "Remove a destination from an agent group.",
  examples: ["destinations remove --agent-group-id ag-1 --local-name family"],
  flags: [group, localName],
  rowGroup: "agent_group_id",
  run: async (where, { context }) => {
    const [removed] = await context.rows("destinations").remove(where);
    return removed === undefined
      ? refused("not-found", `${where.agent_group_id} has no destination "${where.local_name}".`)
      : done(removed);
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
    : `--local-name is lower case, digits and dashes, at most 64, not ${JSON.stringify(name)}.`;
