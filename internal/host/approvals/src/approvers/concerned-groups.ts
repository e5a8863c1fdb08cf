import type { Kysely } from "kysely";
import { namedIn, type Args, type Signature } from "@nc/cli-scope";
import type { ApprovalRow, CentralTables } from "@gatehouse/central-database";
import { isTorn, parsedArgs } from "../parsed-args.ts";

/**
 * The groups whose admins may answer a command. `all`: only an admin of all groups, or an owner, may answer.
 * `operator`: no user may answer, only the operator at the socket.
 */
export type Concerned = "all" | "operator" | readonly string[];

/** A pending command: its words, the group of its agent, and the agent's scope when it asked. */
type Asked = {
  readonly groupId: string;
  readonly scope: string;
  readonly command: string;
  readonly args: Args;
};

/** The agent groups that own a thing. */
type OwnersOf = (db: Kysely<CentralTables>, id: string) => Promise<readonly string[]>;

/** How to find the owners of each kind of thing that a flag can name. */
const owners: Readonly<Record<string, OwnersOf>> = {
  group: (_db, id) => Promise.resolve([id]),
  chat: async (db, id) => {
    const wirings = await db
      .selectFrom("messaging_group_agents")
      .select("agent_group_id")
      .where("messaging_group_id", "=", id)
      .execute();
    return wirings.map(({ agent_group_id }) => agent_group_id);
  },
};

/**
 * The asking group, and the groups that own the things that the command names. A thing that is unknown or
 * belongs to no group concerns all groups; so does any command of an agent with scope `global`. `commands`
 * are all commands. A command that no longer exists names nothing, and is not run.
 */
export const concernedGroups = async (
  db: Kysely<CentralTables>,
  { groupId, scope, command, args }: Asked,
  commands: readonly Signature[],
): Promise<Concerned> => {
  if (scope === "global") return "all";
  const { flags } = commands.find(({ words }) => words === command) ?? { flags: [] };
  const concerned = new Set([groupId]);
  for (const { what, id } of namedIn({ flags }, args)) {
    const found = (await owners[what]?.(db, id)) ?? [];
    if (found.length === 0) return "all";
    // If the asking group owns it too, the other owners need not answer.
    if (!found.includes(groupId)) for (const group of found) concerned.add(group);
  }
  return [...concerned];
};

/**
 * The groups that a pending approval concerns. A kind other than a command concerns its own group. A chat
 * that no group answers in concerns all groups. A torn command concerns `operator`, since its request is
 * unreadable.
 */
export const concernedBy = async (
  db: Kysely<CentralTables>,
  approval: Pick<
    ApprovalRow,
    "kind" | "agent_group_id" | "scope" | "command" | "args" | "shown" | "consequence"
  >,
  commands: readonly Signature[],
): Promise<Concerned> => {
  const { kind, agent_group_id: groupId, scope, command, args } = approval;
  if (groupId === null) return "all";
  if (kind !== "command") return [groupId];
  if (isTorn(approval)) return "operator";
  return concernedGroups(db, { groupId, scope, command, args: parsedArgs(args) }, commands);
};

/** The kinds of things that a flag may name. */
export const namesKnown: readonly string[] = Object.keys(owners);
