import { fail, ok, visible } from "@gatehouse/std";
import type { BotSecret, BotSetUp } from "../messenger.ts";
import { discordApi, discordRoot } from "./discord-api.ts";
import { botId, botOf } from "./names.ts";

const portal = "https://discord.com/developers/applications";

/**
 * What the bot may do: View Channels, Send Messages, Embed Links, Attach Files, Read Message History, Send Messages in Threads
 * (https://docs.discord.com/developers/topics/permissions).
 */
const permissions = [10n, 11n, 14n, 15n, 16n, 38n].reduce((all, bit) => all | (1n << bit), 0n);

const token: BotSecret = {
  name: "token",
  what: "the bot's token",
  whereFrom: `Make an app: ${portal}, New Application. On its page Bot switch Message Content Intent on (Privileged Gateway Intents), save,
and press Reset Token. The token is shown once.`,
  form: /^[\w-]{18,40}\.[\w-]{4,12}\.[\w-]{20,100}$/,
  formText: `a token has three parts with dots between them; it is shown at ${portal}, the app, Bot, Reset Token`,
  copyAgain: `${portal}, the app, Bot, Reset Token`,
};

/** Switches the intent on: in `channels add`, `doctor`, `status` and the log. */
export const intentFix: string = `switch Message Content Intent on at ${portal}, the app, Bot, Privileged Gateway Intents, and save`;

/** GATEWAY_MESSAGE_CONTENT, and its form for small apps (https://docs.discord.com/developers/resources/application#flags). */
const contentFlags = (1 << 18) | (1 << 19);

type Me = { readonly id: string; readonly username: string };
type Application = { readonly id: string; readonly flags?: number };

const address = `${discordRoot} and wss://gateway.discord.gg`;

/** How a bot of Discord is added, and looked at. */
export const discordSetUp: BotSetUp = {
  address,
  secrets: [token],
  revoke: `the app's page Bot at ${portal} resets the token`,
  ifSilent: `let this machine reach ${address}, the latter without the proxy of HTTPS_PROXY`,
  whoAmI: async (secrets, options) => {
    const api = discordApi({ token: secrets.token, ...options });
    const me = await api.call<Me>("get", "/users/@me");
    if (!me.ok) return me;
    const application = await api.call<Application>("get", "/applications/@me");
    if (!application.ok) return application;
    const { id, flags = 0 } = application.value;
    if ((flags & contentFlags) === 0)
      return fail({
        code: "refused",
        message: "Discord gives this bot no texts of messages: Message Content Intent is off.",
        fix: intentFix,
      });
    return ok({ id: botId(id, me.value.id), username: me.value.username });
  },
  idOf: ({ id = "" }) => id,
  afterAdding: ({ id, username }) => [
    `Invite ${visible(username)} to a server: https://discord.com/oauth2/authorize?client_id=${botOf(id).application}&scope=bot&permissions=${permissions}`,
    "People of the server write to it in a direct chat, or name it in a channel.",
    "Add each of them: ncl users create --id discord:ID, then ncl members add --user discord:ID --group GROUP.",
    "The id is in the card about a person's first message.",
  ],
};
