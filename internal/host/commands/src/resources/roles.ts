import {
  crud,
  defineCommand,
  type ArgsOf,
  type Call,
  type Command,
  type CommandError,
  type Flag,
} from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import {
  type ResourceOf,
  type CommandContext,
  type ReadContext,
  done,
  problemOf,
  refused,
} from "@gatehouse/command-context";
import { rightsChange } from "./rights-change.ts";
import { readableList } from "./readable-list.ts";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const roleNames = ["owner", "admin"] as const;

const resource: ResourceOf<"user_roles"> = {
  name: "role",
  plural: "roles",
  description: "The owners of the host, and the admins of all agent groups or one of them.",
  id: { description: "The user." },
  rowGroup: "agent_group_id",
  columns: [
    { name: "user_id", alias: "user", type: "string", description: "The person.", refersTo: "users" },
    { name: "role", type: "string", description: "An owner owns all groups.", values: roleNames },
    {
      name: "agent_group_id",
      alias: "group",
      type: "string",
      description: "The agent group; none for all of them.",
      lock: "group",
      refersTo: "groups",
    },
    { name: "granted_by", type: "string", description: "Who granted it." },
    { name: "granted_at", type: "string", description: "When.", generated: true },
  ],
  verbs: { list: access.readAcrossGroups },
};

const flags = [
  {
    name: "user",
    type: "string",
    description: "The person, <channel>:<handle>.",
    required: true,
    refersTo: "users",
  },
  { name: "role", type: "string", description: "The role.", values: roleNames, required: true },
  {
    name: "group",
    type: "string",
    description: "An admin of this agent group.",
    lock: "group",
    refersTo: "groups",
  },
  { name: "all_groups", type: "boolean", description: "An admin of all agent groups." },
] as const satisfies readonly Flag[];

/** A role and its user; the group is null for a role in all groups. */
type Role = { readonly user_id: string; readonly role: string; readonly agent_group_id: string | null };

/** A forgotten `--group` must not make an admin of all groups. */
const roleOf = ({
  user,
  role,
  group,
  all_groups: everywhere = false,
}: ArgsOf<typeof flags>): Result<Role, CommandError> => {
  if (role === "owner" && group !== undefined)
    return refused("invalid-args", "An owner owns the whole host: leave --group out, or grant --role admin.");
  if (group !== undefined && everywhere)
    return refused("invalid-args", "Say either --group ID or --all-groups, not both.");
  if (role === "admin" && group === undefined && !everywhere)
    return refused("invalid-args", "The role admin needs --group ID, or --all-groups for every group.");
  return { ok: true, value: { user_id: user, role, agent_group_id: group ?? null } };
};

const roleText = (role: unknown, group: unknown): string => {
  if (group !== null) return `${String(role)} of ${String(group)}`;
  return role === "owner" ? "owner" : `${String(role)} of all groups`;
};

/** Maximum number of roles that are read for one person. */
const mostRoles = 1_000;

/** The consequence for the approver: the person's roles before and after the change. */
const changeOf =
  (change: (roles: readonly string[], named: string) => readonly string[]) =>
  async (args: ArgsOf<typeof flags>, { context }: Call<ReadContext>) => {
    const role = roleOf(args);
    if (!role.ok) return role;
    const { user_id, role: name, agent_group_id: group } = role.value;
    const listed = await context.rows("roles").list({ where: { user_id }, limit: mostRoles });
    if (!listed.ok) return listed;
    const roles = listed.value.map((row) => roleText(row["role"], row["agent_group_id"]));
    const text = (all: readonly string[]): string => [...new Set(all)].toSorted().join(", ") || "no role";
    const after = change(roles, roleText(name, group));
    return rightsChange(context, user_id, { before: text(roles), after: text(after) });
  };

const grant: Command<CommandContext, ReadContext> = defineCommand({
  words: "roles grant",
  resource: "roles",
  ...access.changeAcrossGroups,
  description: "Make a person owner, or admin of one agent group or of all.",
  examples: [
    "roles grant --user telegram:6037840640 --role owner",
    "roles grant --user discord:80351110224678912 --role admin --group ag-1",
  ],
  flags,
  check: problemOf(roleOf),
  consequence: changeOf((roles, named) => [...roles, named]),
  run: async (args, { actor, context }) => {
    const role = roleOf(args);
    if (!role.ok) return role;
    const rows = context.rows("roles");
    const there = await rows.list({ where: role.value, limit: 1 });
    if (there.ok && there.value[0] !== undefined)
      return done(there.value[0], { warnings: [`${role.value.user_id} had this role already.`] });
    const by = actor.type === "user" ? { granted_by: actor.userId } : {};
    const created = await rows.create({ ...role.value, ...by });
    return created.ok ? done(created.value) : created;
  },
});

/** Without an owner only an admin of all groups may answer an agent of scope `global`. */
const noOwnerWarning = async (context: CommandContext): Promise<readonly string[]> => {
  const owners = await context
    .rows("roles")
    .list({ where: { role: "owner", agent_group_id: null }, limit: 1 });
  return owners.ok && owners.value.length === 0
    ? ["This host now has no owner: ncl roles grant --role owner"]
    : [];
};

const noRole = ({ user_id, role, agent_group_id }: Role) =>
  refused("not-found", `${user_id} is not ${role} of ${agent_group_id ?? "all groups"}.`);

const revoke: Command<CommandContext, ReadContext> = defineCommand({
  words: "roles revoke",
  resource: "roles",
  ...access.changeAcrossGroups,
  description: "Revoke a role. Use the flags that granted it.",
  examples: ["roles revoke --user discord:80351110224678912 --role admin --group ag-1"],
  flags,
  check: problemOf(roleOf),
  consequence: changeOf((roles, named) => roles.filter((role) => role !== named)),
  run: async (args, { context }) => {
    const role = roleOf(args);
    if (!role.ok) return role;
    const [removed] = await context.rows("roles").remove(role.value);
    return removed === undefined
      ? noRole(role.value)
      : done(removed, { warnings: await noOwnerWarning(context) });
  },
});

export const roles: StoredResource = storedResource({
  resource,
  commands: [
    ...crud(resource).map(readableList("roles list", ["person", "role", "group", "granted_at", "user_id"])),
    grant,
    revoke,
  ],
  stored: {
    table: "user_roles",
    id: null,
    group: "agent_group_id",
    stamp: "granted_at",
    newestFirst: ["granted_at", "user_id", "role", "agent_group_id"],
    // An empty group cell would hide that the role applies to all groups.
    present: (row) => ({ ...row, reach: row["agent_group_id"] ?? "all groups" }),
    unique: ["user_id", "role", "agent_group_id"],
    references: [
      { column: "user_id", table: "users", noun: "user", flag: "--user" },
      { column: "agent_group_id", table: "agent_groups", noun: "group", flag: "--group" },
    ],
  },
});
