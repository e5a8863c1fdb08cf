import type { Args, Call, Command, CommandError, Flag, Row } from "@nc/cli-scope";
import type { CommandContext, ReadContext } from "@gatehouse/command-context";
import { configRefusal } from "./config-refusal.ts";
import { confirmable, type RunCommand, type Unconfirmed } from "../confirmable.ts";

/** The values after a command; a missing one keeps its saved value. */
type Planned = {
  /** The wirings that the command is about: rows with `agent_group_id`, `messaging_group_id`, `sender_scope`. */
  readonly wirings: readonly Row[];
  /** Of their chat. */
  readonly policy?: unknown;
  /** Of their group's agent. */
  readonly scope?: unknown;
};

/**
 * The effect of a command after which strangers can write to an agent of scope `global`. Such an agent can change
 * roles, people and other groups. Null for any other command.
 */
const openToStrangers = async (
  { wirings, policy, scope }: Planned,
  { rows, config }: Pick<ReadContext, "config" | "rows">,
): Promise<Unconfirmed | null> => {
  for (const { agent_group_id, messaging_group_id, sender_scope } of wirings) {
    const [groupId, chatId] = [String(agent_group_id), String(messaging_group_id)];
    if (sender_scope === "known") continue;
    const chat = policy === undefined ? await rows("messaging-groups").get(chatId) : null;
    if (chat?.ok === false) return unreadable(chat.error);
    if ((policy ?? chat?.value?.["unknown_sender_policy"]) !== "public") continue;
    const saved = scope === undefined ? ((await config(groupId)?.get()) ?? null) : null;
    if (saved?.ok === false) return unreadable(configRefusal(saved.error).error);
    if ((scope ?? saved?.value?.cli_scope) !== "global") continue;
    const effect = `The agent of ${groupId} may use all of ncl, and strangers could write to it in ${chatId}.`;
    return {
      says: [effect],
      refusal: {
        code: "invalid-args",
        message: `Nothing was changed. ${effect} To allow that, add --yes. Otherwise admit only known people (--sender-scope known of the wiring), or limit the agent to its group: ncl groups config update ${groupId} --cli-scope group`,
      },
    };
  }
  return null;
};

const unreadable = (refusal: CommandError): Unconfirmed => ({ says: [refusal.message], refusal });

/** The same for a change of configuration after which an agent has the scope `global`. */
export const openScope = async (
  groupId: string,
  context: Pick<ReadContext, "config" | "rows">,
): Promise<Unconfirmed | null> =>
  openToStrangers(
    { wirings: await wiringsOf({ agent_group_id: groupId }, context), scope: "global" },
    context,
  );

const yesFlag = {
  name: "yes",
  type: "boolean",
  description: "Let strangers in the chat write to an agent that may use all of ncl.",
} as const satisfies Flag;

/** Adds `--yes` to a command, which is refused without it if strangers could then write to an agent of scope `global`. */
export const guardedFromStrangers = (
  command: RunCommand,
  plannedBy: (args: Args, context: ReadContext) => Promise<Planned>,
): Command<CommandContext, ReadContext> => {
  const find = async (args: Args, { context }: Call<ReadContext>): Promise<Unconfirmed | null> =>
    openToStrangers(await plannedBy(withoutYes(args), context), context);
  const guarded: RunCommand = {
    ...command,
    flags: [...command.flags, yesFlag],
    run: (args, call) => command.run(withoutYes(args), call),
  };
  return confirmable(guarded, find);
};

const withoutYes = (args: Args): Args =>
  Object.fromEntries(Object.entries(args).filter(([name]) => name !== yesFlag.name));

/** The wirings of a chat or of a group, by the column of their table. */
export const wiringsOf = async (
  where: Args,
  { rows }: Pick<ReadContext, "rows">,
): Promise<readonly Row[]> => {
  const found = await rows("wirings").list({ where, limit: 10_000 });
  return found.ok ? found.value : [];
};
