import type { Kysely } from "kysely";
import { namedIn, type Args, type Scope, type Signature } from "@nc/cli-scope";
import type { CentralTables } from "../database/tables.ts";

/** The groups whose admins have a say in a command; `all` where only an admin of all groups has. */
export type Concerned = "all" | readonly string[];

/** A command that waits, by its words: of which group's agent, and the scope that it was asked for with. */
type Asked = {
  readonly groupId: string;
  readonly scope: Scope;
  readonly command: string;
  readonly args: Args;
};

/** The agent groups that something belongs to. */
type OwnersOf = (db: Kysely<CentralTables>, id: string) => Promise<readonly string[]>;

/** How to find them, for all that a flag can name. */
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
 * The group that asks, and those whose things the command names. What is no group's, or not there, may be anybody's; and what
 * an agent of scope `global` asks for may reach every group. `commands` are all there are: one that is no more names nothing,
 * and will not be run.
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
    // Where its own agent is already, others who are there too have nothing to say.
    if (!found.includes(groupId)) for (const group of found) concerned.add(group);
  }
  return [...concerned];
};

/** What flags may name. */
export const namesKnown: readonly string[] = Object.keys(owners);
