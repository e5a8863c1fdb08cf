import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import { type MessengerBot, messengerBots } from "@gatehouse/data-folder";
import { explainSecrets } from "@gatehouse/gateway-commands/keys";
import { visible } from "@gatehouse/std";
import { botStates, botText, type BotState } from "./state.ts";
import { telegramApi } from "./telegram/telegram-api.ts";

/** The check of a bot for `gatehouse doctor`. */
export type BotCheck = { readonly ok: boolean; readonly message: string; readonly fix?: string };

/** Time for which Telegram may take to answer, ms. */
const timeoutMs = 10_000;

/** Asks Telegram about each bot of a data folder, and reads what the hosts say. `root`: the address of the Bot API, for tests. */
export const checkBots = async (place: CentralPlace, root?: string): Promise<readonly BotCheck[]> => {
  const bots = await messengerBots.read(place.dataDir);
  if (!bots.ok) {
    const { message, fix } = explainSecrets(bots.error);
    return [{ ok: false, message, ...(fix === undefined ? {} : { fix }) }];
  }
  if (bots.value.length === 0) return [];
  const read = await readCentral(place, (db) => botStates(place.dataDir, db));
  const states = read.ok ? (read.value ?? []) : [];
  return Promise.all(
    bots.value.map((bot) => checkOne(bot, states.find((state) => state.bot === bot.bot) ?? null, root)),
  );
};

const checkOne = async (
  { token, bot, type }: MessengerBot,
  state: BotState | null,
  root: string | undefined,
): Promise<BotCheck> => {
  const api = telegramApi({ token, ...(root === undefined ? {} : { root }) });
  const me = await api.call("getMe", {}, { timeoutMs });
  if (!me.ok) {
    const isRefused = me.error.code === "unauthorized";
    const named = bot === "" ? "" : ` --bot ${bot}`;
    return {
      ok: false,
      message: isRefused ? "Telegram refuses the bot's token." : me.error.message,
      fix: isRefused
        ? `gatehouse channels add telegram${named}, with the token of @BotFather`
        : "let this machine reach https://api.telegram.org",
    };
  }
  const { username } = me.value;
  if (state === null)
    return { ok: true, message: `${type}: @${visible(username)} answers; no host has run with it yet.` };
  const message = `${type}: ${visible(botText({ ...state, username }))}`;
  if (state.receiver === null || state.trouble === null) return { ok: true, message };
  return {
    ok: false,
    message,
    fix: "end the other program that uses this bot, or get a new token from @BotFather (/revoke) and add the bot again",
  };
};
