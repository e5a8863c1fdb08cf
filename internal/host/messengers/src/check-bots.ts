import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import { type MessengerBot, messengerBots } from "@gatehouse/data-folder";
import { explainSecrets } from "@gatehouse/gateway-commands/keys";
import { visible } from "@gatehouse/std";
import { apartFromFix } from "./inbox/trouble-text.ts";
import { botStates, botText, type BotState } from "./state.ts";
import { messengers, type MessengerTable } from "./messengers.ts";

/** The check of a bot for `gatehouse doctor`. */
export type BotCheck = { readonly ok: boolean; readonly message: string; readonly fix?: string };

/** Time for which a platform may take to answer, ms. */
const timeoutMs = 10_000;

/** The addresses of the platforms by their names, and the messengers; only tests have others. */
export type CheckOptions = {
  readonly roots?: Readonly<Record<string, string>>;
  readonly table?: MessengerTable;
};

/** Asks the platform of each bot of a data folder about it, and reads what the hosts say. */
export const checkBots = async (
  place: CentralPlace,
  options: CheckOptions = {},
): Promise<readonly BotCheck[]> => {
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
      checkOne(
        bot,
        states.find((state) => state.type === bot.type && state.bot === bot.bot) ?? null,
        options,
      ),
    ),
  );
};

const checkOne = async (
  { bot, type, ...secrets }: MessengerBot,
  state: BotState | null,
  { roots = {}, table = messengers }: CheckOptions,
): Promise<BotCheck> => {
  const row = table[type];
  if (row === undefined)
    return {
      ok: false,
      message: `This build has no messenger ${visible(type)}.`,
      fix: "gatehouse channels list; use the build that added the bot",
    };
  const { setUp } = await row.load();
  const root = roots[type];
  const me = await setUp.whoAmI(secrets, { timeoutMs, ...(root === undefined ? {} : { root }) });
  if (!me.ok) {
    const isRefused = me.error.code === "unauthorized";
    const named = bot === "" ? "" : ` --bot ${bot}`;
    const { what, copyAgain } = me.error.secret ?? setUp.secrets[0];
    return {
      ok: false,
      message: isRefused ? `${row.title} refuses ${what}.` : me.error.message,
      fix: isRefused
        ? `gatehouse channels add ${type}${named}, with ${what} from ${copyAgain}`
        : (me.error.fix ?? `let this machine reach ${setUp.address}`),
    };
  }
  const { username } = me.value;
  if (state === null)
    return { ok: true, message: `${type}: @${visible(username)} answers; no host has run with it yet.` };
  const message = `${type}: ${visible(botText({ ...state, username }))}`;
  if (state.receiver === null || state.trouble === null) return { ok: true, message };
  return { ok: false, ...apartFromFix(message) };
};
