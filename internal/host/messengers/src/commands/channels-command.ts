import { type Failure, type Io, paintFor, printFailure, printJson } from "@gatehouse/cli-kit";
import { readCentral } from "@gatehouse/central-database";
import { runInFolder, messengerBots } from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { dataFolder, readPlainFile } from "@gatehouse/fs-kit";
import { explainSecrets, readKey } from "@gatehouse/gateway-commands/keys";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { messengerTypes } from "../messenger-types.ts";
import { botStates, botText, type BotState } from "../state.ts";
import type { BotSetUp, CallError, Messenger } from "../messenger.ts";

/** The flags of all `gatehouse channels` commands, parsed. */
export type ChannelsFlags = DatabaseFlags & {
  readonly data?: string;
  readonly json?: boolean;
  /** The name of a further bot. */
  readonly bot?: string;
};

/** The flags of `gatehouse channels add`, parsed. */
export type AddFlags = ChannelsFlags & { readonly tokenFile?: string };

/** The form of a name of a bot on this host. */
const nameForm = /^[a-z0-9][a-z0-9-]{0,30}$/;

/**
 * `gatehouse channels add MESSENGER`. Keeps the token if the platform knows it: it is sent to no other one. Returns the exit
 * code. `root`: the address of the platform; only tests have another one.
 */
export const addCommand = (
  { type, setUp }: Pick<Messenger, "type" | "setUp">,
  flags: AddFlags,
  io: Io,
  root?: string,
): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const { bot = "", json = false } = flags;
    if (flags.bot !== undefined && !nameForm.test(bot)) return fail(badName);
    if (!json) io.stderr.write(`${setUp.whereFrom}\n`);
    const typed = await tokenFrom(flags, io);
    if (!typed.ok) return typed;
    const token = typed.value;
    const id = setUp.botIn(token);
    if (id === null) return fail(noToken(setUp));
    const me = await setUp.whoAmI(token, { timeoutMs: 10_000, ...(root === undefined ? {} : { root }) });
    if (!me.ok) return fail(notKnown(setUp, type, me.error));
    const username = me.value;
    const bots = await messengerBots.read(dataDir);
    if (!bots.ok) return fail(explainSecrets(bots.error));
    const same = bots.value.find(
      (one) => one.type === type && one.bot !== bot && setUp.botIn(one.token) === id,
    );
    if (same !== undefined) return fail(addedAlready(username, same.bot));
    const set = await messengerBots.set(dataDir, { type, bot, username, token });
    if (!set.ok) return fail(explainSecrets(set.error));
    const text = [
      `${paintFor(io).good("added")} the bot @${visible(username)}. A host that runs receives its messages within ten seconds: gatehouse channels list`,
      ...setUp.afterAdding(username),
    ].join("\n");
    const document = { type, bot, username };
    return ok({ document, text, act: { command: "channels add", args: { type, bot, username } } });
  });

const tokenFrom = async ({ tokenFile, json = false }: AddFlags, io: Io): Promise<Result<string, Failure>> => {
  if (tokenFile !== undefined) return tokenIn(tokenFile);
  const typed = await readKey("The bot's token", io, json);
  return typed === null ? fail({ code: "cancelled", message: "Cancelled. Nothing was added." }) : ok(typed);
};

const tokenIn = async (file: string): Promise<Result<string, Failure>> => {
  try {
    return ok((await readPlainFile(file)).trim());
  } catch (error) {
    return fail({
      code: "token-unreadable",
      message: `The file ${visible(file)} cannot be read (${systemCode(error)}). Nothing was added.`,
    });
  }
};

/** `gatehouse channels list`. Returns the exit code. */
export const listCommand = async (flags: ChannelsFlags, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, flags.data);
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const bots = await messengerBots.read(dataDir);
  const read = bots.ok
    ? await readCentral({ dataDir, ...chosen }, (db) => botStates(dataDir, db))
    : fail(explainSecrets(bots.error));
  if (!read.ok || !bots.ok) {
    if (!read.ok) printFailure(io, isJson, read.error);
    return 1;
  }
  const states = read.value ?? bots.value.map(unseen);
  if (isJson) printJson(io, { ok: true, channels: states });
  else if (states.length === 0)
    io.stdout.write(`There are no bots: gatehouse channels add ${messengerTypes.join("|")}\n`);
  else for (const state of states) io.stdout.write(`${state.type.padEnd(10)} ${visible(botText(state))}\n`);
  return 0;
};

/** A bot of which no host has written anything yet. */
const unseen = ({ type, bot, username }: Pick<BotState, "type" | "bot" | "username">): BotState => ({
  type,
  bot,
  username,
  receiver: null,
  heardAt: null,
  lastUpdateAt: null,
  trouble: null,
  waiting: { count: 0, oldest: null },
});

/** `gatehouse channels remove MESSENGER`. Returns the exit code. */
export const removeCommand = (
  { type, setUp }: Pick<Messenger, "type" | "setUp">,
  flags: ChannelsFlags,
  io: Io,
): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const { bot = "" } = flags;
    const removed = await messengerBots.remove(dataDir, { type, bot });
    if (!removed.ok) return fail(explainSecrets(removed.error));
    const which = bot === "" ? "the bot" : `the bot ${visible(bot)}`;
    const text = removed.value
      ? `${paintFor(io).good("removed")} ${which} and its token. A host that runs uses it for at most ten seconds more; ${setUp.revoke}`
      : `there was no such bot: gatehouse channels list`;
    const act = { command: "channels remove", args: { type, bot } };
    return ok({ document: { type, bot, removed: removed.value }, text, ...(removed.value ? { act } : {}) });
  });

const badName: Failure = {
  code: "usage",
  message: "--bot is a name of lower-case letters, digits and -, at most 31.",
};

/** No message quotes what was typed: it may be a token. */
const noToken = ({ title, tokenForm }: BotSetUp): Failure => ({
  code: "invalid-token",
  message: `That is no token of a bot of ${title}. Nothing was added.`,
  fix: tokenForm,
});

const notKnown = ({ title, copyAgain }: BotSetUp, type: string, { code, message }: CallError): Failure =>
  code === "unauthorized"
    ? {
        code: "token-refused",
        message: `${title} does not know this token. Nothing was added.`,
        fix: `copy it again from ${copyAgain}`,
      }
    : { code: `${type}-unreachable`, message: `${message} Nothing was added.`, fix: "try it again later" };

const addedAlready = (username: string, bot: string): Failure => ({
  code: "bot-exists",
  message: `@${username} is a bot of this host already${bot === "" ? "" : `, with the name ${bot}`}. Nothing was added.`,
});
