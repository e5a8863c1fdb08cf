import { crud, defineCommand, type ArgsOf, type Call, type Command, type Flag } from "@nc/cli-scope";
import {
  type ResourceOf,
  type CommandContext,
  type ReadContext,
  done,
  refused,
} from "@gatehouse/command-context";
import { rightsChange } from "./rights-change.ts";
import { readableList } from "./readable-list.ts";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const resource: ResourceOf<"agent_group_members"> = {
  name: "member",
  plural: "members",
  description: "People who may write to an agent group without a role in it.",
  id: { description: "The user." },
  rowGroup: "agent_group_id",
  columns: [
    { name: "user_id", alias: "user", type: "string", description: "The person.", refersTo: "users" },
    {
      name: "agent_group_id",
      alias: "group",
      type: "string",
      description: "The agent group.",
      lock: "group",
      refersTo: "groups",
    },
    { name: "added_by", type: "string", description: "Who added it." },
    { name: "added_at", type: "string", description: "When.", generated: true },
  ],
  verbs: { list: access.read },
};

const flags = [
  {
    name: "user",
    type: "string",
    description: "The person, <channel>:<handle>.",
    required: true,
    refersTo: "users",
  },
  {
    name: "group",
    type: "string",
    description: "The agent group.",
    required: true,
    lock: "group",
    refersTo: "groups",
  },
] as const satisfies readonly Flag[];

const membership = ({ user, group }: ArgsOf<typeof flags>) => ({ user_id: user, agent_group_id: group });

const isMember = async (args: ArgsOf<typeof flags>, context: ReadContext): Promise<boolean> => {
  const there = await context.rows("members").list({ where: membership(args), limit: 1 });
  return there.ok && there.value[0] !== undefined;
};

/** The consequence for the approver: whether the person is a member before and after the change. */
const becomes =
  (willBe: boolean) =>
  async (args: ArgsOf<typeof flags>, { context }: Call<ReadContext>) => {
    const text = (isIn: boolean): string => `${isIn ? "member" : "no member"} of ${args.group}`;
    const before = text(await isMember(args, context));
    return rightsChange(context, args.user, { before, after: text(willBe) });
  };

const add: Command<CommandContext, ReadContext> = defineCommand({
  words: "members add",
  resource: "members",
  ...access.change,
  description: "Let a person write to an agent group.",
  examples: ["members add --user telegram:6037840640 --group ag-1"],
  flags,
  rowGroup: "agent_group_id",
  consequence: becomes(true),
  // An agent can find out that a person is known only through a request that an approver sees: an unknown one is refused.
  run: async (args, { actor, context }) => {
    const member = membership(args);
    const rows = context.rows("members");
    const there = await rows.list({ where: member, limit: 1 });
    if (there.ok && there.value[0] !== undefined)
      return done(there.value[0], { warnings: [`${member.user_id} was a member already.`] });
    const by = actor.type === "user" ? { added_by: actor.userId } : {};
    const created = await rows.create({ ...member, ...by });
    return created.ok ? done(created.value) : created;
  },
});

const noMember = ({ user, group }: ArgsOf<typeof flags>) =>
  refused("not-found", `${user} is no member of ${group}.`);

const remove: Command<CommandContext, ReadContext> = defineCommand({
  words: "members remove",
  resource: "members",
  ...access.change,
  description: "Remove a person from the members of an agent group.",
  examples: ["members remove --user telegram:6037840640 --group ag-1"],
  flags,
  rowGroup: "agent_group_id",
  consequence: becomes(false),
  run: async (args, { context }) => {
    const [removed] = await context.rows("members").remove(membership(args));
    return removed === undefined ? noMember(args) : done(removed);
  },
});

export const members: StoredResource = storedResource({
  resource,
  commands: [
    ...crud(resource).map(readableList("members list", ["person", "group", "added_at", "user_id"])),
    add,
    remove,
  ],
  stored: {
    table: "agent_group_members",
    id: null,
    group: "agent_group_id",
    stamp: "added_at",
    newestFirst: ["added_at", "user_id", "agent_group_id"],
    unique: ["user_id", "agent_group_id"],
    references: [
      { column: "user_id", table: "users", noun: "user", flag: "--user" },
      { column: "agent_group_id", table: "agent_groups", noun: "group", flag: "--group" },
    ],
  },
});
