import type { Kysely } from "kysely";
import { namedIn, type Args, type Signature } from "@nc/cli-scope";
import type { ApprovalRow, CentralTables } from "../database/tables.ts";
import { isTorn, parsedArgs } from "./parsed-args.ts";

/**
 * The groups whose admins may answer a command; `all` if only an admin of all groups may, `nobody` if no person may,
 * and the operator alone can answer it.
 */
export type Concerned = "all" | "nobody" | readonly string[];

/** A command that waits: its words, the group of its agent, and the scope of the agent at that time. */
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
 * The asking group, and the groups that own what the command names. A thing that is unknown or has no group
 * concerns all; so does a command of an agent with scope `global`. `commands` are all commands: one that no
 * longer exists names nothing and is not run.
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
    // The asking group owns it too, so the other owners need not answer.
    if (!found.includes(groupId)) for (const group of found) concerned.add(group);
  }
  return [...concerned];
};

/**
 * The groups that an approval that waits concerns: of any other kind than a command, the one it is for. About a
 * chat that no group answers in, only people with a right to all groups are asked. Of a torn command nobody knows what
 * it asks for (case 99).
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
  if (isTorn(approval)) return "nobody";
  return concernedGroups(db, { groupId, scope, command, args: parsedArgs(args) }, commands);
};

/** Every kind of thing that a flag may name. */
export const namesKnown: readonly string[] = Object.keys(owners);
