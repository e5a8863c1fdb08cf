import { ok, visible } from "@gatehouse/std";
import type { BotSecret, BotSetUp } from "../messenger.ts";
import { botIdOf } from "./read-update.ts";
import { revoke, telegramApi, telegramRoot } from "./telegram-api.ts";

const token: BotSecret = {
  name: "token",
  what: "the bot's token",
  whereFrom:
    "The token: open @BotFather in Telegram, send /newbot, answer its two questions, and copy the token from its answer.",
  form: /^\d{1,16}:[\w-]{30,100}$/,
  formText: "a token has the form 123456789:AA...; copy all of it from the answer of @BotFather",
  copyAgain: "@BotFather: /mybots, the bot, API Token",
};

/** How a bot of Telegram is added, and looked at. */
export const telegramSetUp: BotSetUp = {
  address: telegramRoot,
  secrets: [token],
  revoke,
  ifSilent: `let this machine reach ${telegramRoot}`,
  whoAmI: async (secrets, { timeoutMs, ...root }) => {
    const me = await telegramApi({ token: secrets.token, ...root }).call("getMe", {}, { timeoutMs });
    return me.ok ? ok({ id: String(me.value.id), username: me.value.username }) : me;
  },
  idOf: (bot) => botIdOf(bot.token),
  afterAdding: ({ username }) => [
    `People write to it at https://t.me/${visible(username)} and press Start first.`,
    "Add each of them: ncl users create --id telegram:N, then ncl members add --user telegram:N --group GROUP.",
    "With an account of their own for the agent: gatehouse users add. The bot's groups need it as a member.",
  ],
  startLink: {
    linkOf: (username, code) => `https://t.me/${username}?start=${code}`,
    how: "in Telegram within a day, and presses Start",
  },
};
