import { type Failure, type Io, paintFor, printFailure, printJson } from "@gatehouse/cli-kit";
import { readCentral } from "@gatehouse/central-database";
import { runInFolder, messengerBots } from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { dataFolder, readPlainFile } from "@gatehouse/fs-kit";
import { explainSecrets, readKey } from "@gatehouse/gateway-commands/keys";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { messengers, messengerTypes, type MessengerTable } from "../messengers.ts";
import { botStates, botText } from "../state.ts";
import type { BotSecret, BotSecrets, BotSetUp } from "../messenger.ts";

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

/** The messengers, and the address of the platform; only tests have others. */
export type CommandOptions = { readonly table?: MessengerTable; readonly root?: string };

/** The messenger of this name, which the command line has checked. */
const messengerOf = async (type: string, table: MessengerTable) => {
  const row = table[type];
  if (row === undefined) throw new Error(`there is no messenger ${type}`);
  return { title: row.title, ...(await row.load()) };
};

/**
 * `gatehouse channels add MESSENGER`. Keeps the secrets if the platform knows them: they are sent to no other one. Returns the
 * exit code.
 */
export const addCommand = (
  type: string,
  flags: AddFlags,
  io: Io,
  { table = messengers, root }: CommandOptions = {},
): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const { bot = "" } = flags;
    if (flags.bot !== undefined && !nameForm.test(bot)) return fail(badName);
    const { title, setUp } = await messengerOf(type, table);
    const typed = await secretsFrom(setUp, title, flags, io);
    if (!typed.ok) return typed;
    const options = { timeoutMs: 10_000, ...(root === undefined ? {} : { root }) };
    const me = await setUp.whoAmI(typed.value, options);
    if (!me.ok) return fail(notKnown({ title, type, setUp }, me.error));
    const { id, username } = me.value;
    const bots = await messengerBots.read(dataDir);
    if (!bots.ok) return fail(explainSecrets(bots.error));
    const same = bots.value.find((one) => one.type === type && one.bot !== bot && setUp.idOf(one) === id);
    if (same !== undefined) return fail(addedAlready(username, same.bot));
    const set = await messengerBots.set(dataDir, { type, bot, username, id, ...typed.value });
    if (!set.ok) return fail(explainSecrets(set.error));
    const text = [
      `${paintFor(io).good("added")} the bot @${visible(username)}. A host that runs receives its messages within ten seconds: gatehouse channels list`,
      ...setUp.afterAdding(me.value),
    ].join("\n");
    const document = { type, bot, username };
    return ok({ document, text, act: { command: "channels add", args: { type, bot, username } } });
  });

/** The secrets of a bot, each in its form: typed one after the other, or the lines of a file or of stdin. */
const secretsFrom = async (
  { secrets }: BotSetUp,
  title: string,
  { tokenFile, json = false }: AddFlags,
  io: Io,
): Promise<Result<BotSecrets, Failure>> => {
  const given = tokenFile === undefined ? ok([]) : await linesOf(tokenFile);
  if (!given.ok) return given;
  const lines = [...given.value];
  for (const [at, secret] of secrets.entries()) {
    if (!json) io.stderr.write(`${secret.whereFrom}\n`);
    if (lines[at] === undefined && tokenFile === undefined) {
      const typed = await readKey(capital(secret.what), io, json);
      if (typed === null) return fail({ code: "cancelled", message: "Cancelled. Nothing was added." });
      lines.push(...linesIn(typed));
    }
    if (!secret.form.test(lines[at] ?? "")) return fail(noSecret(secret, title));
  }
  const [token = ""] = lines;
  const more = secrets.slice(1).map(({ name }, at) => [name, lines[at + 1] ?? ""] as const);
  return ok(more.length === 0 ? { token } : { token, more: Object.fromEntries(more) });
};

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const linesIn = (text: string): readonly string[] => text.split(/\s+/).filter((line) => line !== "");

const linesOf = async (file: string): Promise<Result<readonly string[], Failure>> => {
  try {
    return ok(linesIn(await readPlainFile(file)));
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
  const states = read.value ?? (await botStates(dataDir, null));
  if (isJson) printJson(io, { ok: true, channels: states });
  else if (states.length === 0)
    io.stdout.write(`There are no bots: gatehouse channels add ${messengerTypes.join("|")}\n`);
  else for (const state of states) io.stdout.write(`${state.type.padEnd(10)} ${visible(botText(state))}\n`);
  return 0;
};

/** `gatehouse channels remove MESSENGER`. Returns the exit code. */
export const removeCommand = (
  type: string,
  flags: ChannelsFlags,
  io: Io,
  { table = messengers }: Pick<CommandOptions, "table"> = {},
): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const { setUp } = await messengerOf(type, table);
    const { bot = "" } = flags;
    const removed = await messengerBots.remove(dataDir, { type, bot });
    if (!removed.ok) return fail(explainSecrets(removed.error));
    const which = bot === "" ? "the bot" : `the bot ${visible(bot)}`;
    const text = removed.value
      ? `${paintFor(io).good("removed")} ${which} and its secrets. A host that runs uses it for at most ten seconds more; ${setUp.revoke}`
      : `there was no such bot: gatehouse channels list`;
    const act = { command: "channels remove", args: { type, bot } };
    return ok({ document: { type, bot, removed: removed.value }, text, ...(removed.value ? { act } : {}) });
  });

const badName: Failure = {
  code: "usage",
  message: "--bot is a name of lower-case letters, digits and -, at most 31.",
};

/** No message quotes what was typed: it may be a secret. */
const noSecret = ({ what, formText }: BotSecret, title: string): Failure => ({
  code: "invalid-token",
  message: `That is not ${what} as ${title} makes it. Nothing was added.`,
  fix: formText,
});

type Asked = { readonly title: string; readonly type: string; readonly setUp: BotSetUp };

type NotKnown = Extract<Awaited<ReturnType<BotSetUp["whoAmI"]>>, { readonly ok: false }>["error"];

const notKnown = ({ title, type, setUp }: Asked, { code, message, secret, fix }: NotKnown): Failure => {
  const { what, copyAgain } = secret ?? setUp.secrets[0];
  return code === "unauthorized"
    ? {
        code: "token-refused",
        message: `${title} does not know ${what}. Nothing was added.`,
        fix: `copy it again from ${copyAgain}`,
      }
    : {
        code: code === "refused" ? "bot-refused" : `${type}-unreachable`,
        message: `${message} Nothing was added.`,
        fix: fix ?? "try it again later",
      };
};

const addedAlready = (username: string, bot: string): Failure => ({
  code: "bot-exists",
  message: `@${username} is a bot of this host already${bot === "" ? "" : `, with the name ${bot}`}. Nothing was added.`,
});
