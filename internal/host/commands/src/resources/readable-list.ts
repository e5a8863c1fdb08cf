import type { Command, Row } from "@nc/cli-scope";
import type { CommandContext, ReadContext } from "@gatehouse/command-context";

/** Most rows from which names are read. */
const most = 10_000;

/**
 * Adds the names of group, chat and person to rows, beside their ids. A name that the caller may not see is null: an
 * agent within its group reads neither chats nor people.
 */
export const withNames = async (
  rows: readonly Row[],
  { rows: all }: Pick<ReadContext, "rows">,
): Promise<readonly Row[]> => {
  const has = (column: string): boolean => rows.some((row) => (row[column] ?? null) !== null);
  const read = async (plural: string, isNeeded: boolean): Promise<readonly Row[]> => {
    const listed = isNeeded ? await all(plural).list({ where: {}, limit: most }) : null;
    return listed?.ok === true ? listed.value : [];
  };
  const hasChats = has("messaging_group_id");
  const groups = byId(await read("groups", has("agent_group_id")), "name");
  const people = byId(await read("users", hasChats || has("user_id")), "display_name");
  const chats = new Map((await read("messaging-groups", hasChats)).map((chat) => [chat["id"], chat]));
  return rows.map((row) => {
    const group = row["agent_group_id"];
    const chat = chats.get(row["messaging_group_id"]);
    const user = row["user_id"] ?? chat?.["user_id"] ?? null;
    const person = people.get(user) ?? user;
    return {
      ...("agent_group_id" in row ? { group: groups.get(group) ?? group ?? null } : {}),
      ...("messaging_group_id" in row ? { chat: chat?.["name"] ?? chat?.["platform_id"] ?? null } : {}),
      ...("user_id" in row || "messaging_group_id" in row ? { person } : {}),
      ...row,
    };
  });
};

const byId = (rows: readonly Row[], name: string): ReadonlyMap<unknown, unknown> =>
  new Map(rows.flatMap((row) => ((row[name] ?? "") === "" ? [] : [[row["id"], row[name]]])));

/** Puts the columns that a person looks for first: a narrow terminal shows as many as fit. */
export const inOrder =
  (first: readonly string[]) =>
  (row: Row): Row => ({
    ...Object.fromEntries(first.filter((name) => name in row).map((name) => [name, row[name]])),
    ...row,
  });

/** A `list` whose rows have names, and these columns first. */
export const readableList =
  (words: string, first: readonly string[]) =>
  (command: Command<CommandContext, ReadContext>): Command<CommandContext, ReadContext> =>
    command.words !== words || command.effect === "act"
      ? command
      : {
          ...command,
          run: async (args, call) => {
            const reply = await command.run(args, call);
            if (!reply.ok) return reply;
            const rows = await withNames(reply.value.data as readonly Row[], call.context);
            return { ok: true, value: { ...reply.value, data: rows.map(inOrder(first)) } };
          },
        };
