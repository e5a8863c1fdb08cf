import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import { type MessengerBot, messengerBots } from "@gatehouse/data-folder";
import { explainSecrets } from "@gatehouse/gateway-commands/keys";
import { visible } from "@gatehouse/std";
import { botStates, botText, type BotState } from "./state.ts";
import type { BotSetUp } from "./messenger.ts";
import { messengers } from "./messengers.ts";

/** The check of a bot for `gatehouse doctor`. */
export type BotCheck = { readonly ok: boolean; readonly message: string; readonly fix?: string };

/** Time for which a platform may take to answer, ms. */
const timeoutMs = 10_000;

/**
 * Asks the platform of each bot of a data folder about it, and reads what the hosts say. `root`: the address of the platform,
 * for tests.
 */
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
    bots.value.map((bot) =>
      checkOne(bot, states.find((state) => state.type === bot.type && state.bot === bot.bot) ?? null, root),
    ),
  );
};

const checkOne = async (
  { token, bot, type }: MessengerBot,
  state: BotState | null,
  root: string | undefined,
): Promise<BotCheck> => {
  const setUps: Readonly<Record<string, { readonly setUp: BotSetUp } | undefined>> = messengers;
  const setUp = setUps[type]?.setUp;
  if (setUp === undefined)
    return {
      ok: false,
      message: `This build has no messenger ${visible(type)}.`,
      fix: "gatehouse channels list; use the build that added the bot",
    };
  const me = await setUp.whoAmI(token, { timeoutMs, ...(root === undefined ? {} : { root }) });
  if (!me.ok) {
    const isRefused = me.error.code === "unauthorized";
    const named = bot === "" ? "" : ` --bot ${bot}`;
    return {
      ok: false,
      message: isRefused ? `${setUp.title} refuses the bot's token.` : me.error.message,
      fix: isRefused
        ? `gatehouse channels add ${type}${named}, with the token from ${setUp.copyAgain}`
        : `let this machine reach ${setUp.address}`,
    };
  }
  const username = me.value;
  if (state === null)
    return { ok: true, message: `${type}: @${visible(username)} answers; no host has run with it yet.` };
  const message = `${type}: ${visible(botText({ ...state, username }))}`;
  if (state.receiver === null || state.trouble === null) return { ok: true, message };
  return {
    ok: false,
    message,
    fix: `end the other program that uses this bot, or get a new token (${setUp.revoke}) and add the bot again`,
  };
};
