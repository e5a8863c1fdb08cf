import { type Failure, type Io, paintFor, printFailure, printJson } from "@gatehouse/cli-kit";
import { readCentral } from "@gatehouse/central-database";
import { runInFolder, messengerBots } from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { dataFolder, readPlainFile } from "@gatehouse/fs-kit";
import { explainSecrets, readKey } from "@gatehouse/gateway-commands/keys";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { botStates, botText, type BotState } from "../state.ts";
import type { CallError } from "../messenger.ts";
import { telegramApi } from "../telegram/telegram-api.ts";

/** The flags of all `gatehouse channels` commands, parsed. */
export type ChannelsFlags = DatabaseFlags & {
  readonly data?: string;
  readonly json?: boolean;
  /** The name of a further bot. */
  readonly bot?: string;
};

/** The flags of `gatehouse channels add`, parsed. */
export type AddFlags = ChannelsFlags & { readonly tokenFile?: string };

const type = "telegram";

/** The form of a name of a bot on this host. */
const nameForm = /^[a-z0-9][a-z0-9-]{0,30}$/;

/**
 * `gatehouse channels add telegram`. Keeps the token if Telegram knows it. Returns the exit code. `root`: the address of the
 * Bot API; only tests have another one.
 */
export const addCommand = (flags: AddFlags, io: Io, root?: string): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const { bot = "", json = false } = flags;
    if (flags.bot !== undefined && !nameForm.test(bot)) return fail(badName);
    if (!json) io.stderr.write(whereFrom);
    const token = await tokenFrom(flags, io);
    if (!token.ok) return token;
    if (!/^\d{1,16}:[\w-]{30,100}$/.test(token.value)) return fail(noToken);
    const api = telegramApi({ token: token.value, ...(root === undefined ? {} : { root }) });
    const me = await api.call("getMe", {}, { timeoutMs: 10_000 });
    if (!me.ok) return fail(notKnown(me.error));
    const bots = await messengerBots.read(dataDir);
    if (!bots.ok) return fail(explainSecrets(bots.error));
    const id = token.value.split(":")[0];
    const same = bots.value.find((one) => one.bot !== bot && one.token.split(":")[0] === id);
    if (same !== undefined) return fail(addedAlready(me.value.username, same.bot));
    const set = await messengerBots.set(dataDir, {
      type,
      bot,
      username: me.value.username,
      token: token.value,
    });
    if (!set.ok) return fail(explainSecrets(set.error));
    const { username } = me.value;
    const text = [
      `${paintFor(io).good("added")} the bot @${visible(username)}. A host that runs receives its messages within ten seconds: gatehouse channels list`,
      `People write to it at https://t.me/${visible(username)} and press Start first.`,
      "Add each of them with their Telegram id: gatehouse users add. The bot's groups need it as a member.",
    ].join("\n");
    const document = { type, bot, username };
    return ok({ document, text, act: { command: "channels add", args: { type, bot, username } } });
  });

const whereFrom =
  "The token: open @BotFather in Telegram, send /newbot, answer its two questions, and copy the token from its answer.\n";

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
    printFailure(io, isJson, read.ok ? noToken : read.error);
    return 1;
  }
  const states = read.value ?? bots.value.map(unseen);
  if (isJson) printJson(io, { ok: true, channels: states });
  else if (states.length === 0) io.stdout.write("There are no bots: gatehouse channels add telegram\n");
  else for (const state of states) io.stdout.write(`${state.type.padEnd(10)} ${visible(botText(state))}\n`);
  return 0;
};

/** A bot of which no host has written anything yet. */
const unseen = ({ bot, username }: Pick<BotState, "bot" | "username">): BotState => ({
  type,
  bot,
  username,
  receiver: null,
  heardAt: null,
  lastUpdateAt: null,
  trouble: null,
  waiting: { count: 0, oldest: null },
});

/** `gatehouse channels remove telegram`. Returns the exit code. */
export const removeCommand = (flags: ChannelsFlags, io: Io): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const { bot = "" } = flags;
    const removed = await messengerBots.remove(dataDir, { type, bot });
    if (!removed.ok) return fail(explainSecrets(removed.error));
    const which = bot === "" ? "the bot" : `the bot ${visible(bot)}`;
    const text = removed.value
      ? `${paintFor(io).good("removed")} ${which} and its token. A host that runs uses it for at most ten seconds more; @BotFather revokes the token with /revoke`
      : `there was no such bot: gatehouse channels list`;
    const act = { command: "channels remove", args: { type, bot } };
    return ok({ document: { type, bot, removed: removed.value }, text, ...(removed.value ? { act } : {}) });
  });

const badName: Failure = {
  code: "usage",
  message: "--bot is a name of lower-case letters, digits and -, at most 31.",
};

/** No message quotes what was typed: it may be a token. */
const noToken: Failure = {
  code: "invalid-token",
  message: "That is no token of a Telegram bot. Nothing was added.",
  fix: "a token has the form 123456789:AA...; copy all of it from the answer of @BotFather",
};

const notKnown = ({ code, message }: CallError): Failure =>
  code === "unauthorized"
    ? {
        code: "token-refused",
        message: "Telegram does not know this token. Nothing was added.",
        fix: "copy it again from @BotFather: /mybots, the bot, API Token",
      }
    : { code: "telegram-unreachable", message: `${message} Nothing was added.`, fix: "try it again later" };

const addedAlready = (username: string, bot: string): Failure => ({
  code: "bot-exists",
  message: `@${username} is a bot of this host already${bot === "" ? "" : `, with the name ${bot}`}. Nothing was added.`,
});
