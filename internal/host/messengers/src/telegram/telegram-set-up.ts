import { ok, visible } from "@gatehouse/std";
import type { BotSetUp } from "../messenger.ts";
import { telegramApi, telegramRoot } from "./telegram-api.ts";

const tokenForm = /^(\d{1,16}):[\w-]{30,100}$/;

/** How a bot of Telegram is added, and looked at. */
export const telegramSetUp: BotSetUp = {
  title: "Telegram",
  address: telegramRoot,
  whereFrom:
    "The token: open @BotFather in Telegram, send /newbot, answer its two questions, and copy the token from its answer.",
  botIn: (token) => tokenForm.exec(token)?.[1] ?? null,
  tokenForm: "a token has the form 123456789:AA...; copy all of it from the answer of @BotFather",
  copyAgain: "@BotFather: /mybots, the bot, API Token",
  revoke: "@BotFather revokes the token with /revoke",
  whoAmI: async (token, { timeoutMs, ...root }) => {
    const me = await telegramApi({ token, ...root }).call("getMe", {}, { timeoutMs });
    return me.ok ? ok(me.value.username) : me;
  },
  afterAdding: (username) => [
    `People write to it at https://t.me/${visible(username)} and press Start first.`,
    "Add each of them: ncl users create --id telegram:N, then ncl members add --user telegram:N --group GROUP.",
    "With an account of their own for the agent: gatehouse users add. The bot's groups need it as a member.",
  ],
};
