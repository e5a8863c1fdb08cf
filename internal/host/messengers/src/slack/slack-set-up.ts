import { fail, ok, visible } from "@gatehouse/std";
import type { BotSecret, BotSetUp } from "../messenger.ts";
import { botId } from "./names.ts";
import { slackApi, slackRoot } from "./slack-api.ts";

/** What the app may do and hears of (https://docs.slack.dev/reference/app-manifest), with nothing that the host does not use. */
const manifest = {
  display_information: { name: "Gatehouse" },
  features: {
    bot_user: { display_name: "gatehouse", always_online: true },
    app_home: { messages_tab_enabled: true, messages_tab_read_only_enabled: false, home_tab_enabled: false },
  },
  oauth_config: {
    scopes: {
      bot: [
        ...[
          "app_mentions:read",
          "channels:history",
          "channels:read",
          "chat:write",
          "files:read",
          "files:write",
        ],
        ...[
          "groups:history",
          "groups:read",
          "im:history",
          "im:read",
          "im:write",
          "mpim:history",
          "mpim:read",
        ],
        "users:read",
      ],
    },
  },
  settings: {
    event_subscriptions: {
      bot_events: [
        ...["app_mention", "message.channels", "message.groups", "message.im", "message.mpim"],
        "member_left_channel",
      ],
    },
    interactivity: { is_enabled: true },
    socket_mode_enabled: true,
  },
};

const bot: BotSecret = {
  name: "token",
  what: "the bot's token",
  whereFrom: `Make an app: https://api.slack.com/apps, Create New App, From a manifest, and paste this as JSON:
${JSON.stringify(manifest)}
Then Install App. The bot's token is on that page: Bot User OAuth Token.`,
  form: /^xoxb-[\w-]{10,200}$/,
  formText: "a bot's token begins with xoxb-; it is on the page Install App",
  copyAgain: "https://api.slack.com/apps, the app, Install App",
};

const app: BotSecret = {
  name: "app",
  what: "the app's token",
  whereFrom:
    "The app's token: Basic Information, App-Level Tokens, Generate, with the scope connections:write.",
  form: /^xapp-[\w-]{10,200}$/,
  formText: "an app's token begins with xapp-; it is under Basic Information, App-Level Tokens",
  copyAgain: "https://api.slack.com/apps, the app, Basic Information, App-Level Tokens",
};

type AuthTest = { readonly user: string; readonly user_id: string; readonly team_id: string };

/** How a bot of Slack is added, and looked at. */
export const slackSetUp: BotSetUp = {
  address: slackRoot,
  secrets: [bot, app],
  revoke: "the app's page at https://api.slack.com/apps revokes its tokens",
  ifSilent: `let this machine reach ${slackRoot} and wss://wss-primary.slack.com`,
  whoAmI: async ({ token, more = {} }, options) => {
    const me = await slackApi({ token, ...options }).call<AuthTest>("auth.test", {});
    if (!me.ok) return fail({ ...me.error, secret: bot });
    const socket = await slackApi({ token: more["app"] ?? "", ...options }).call("apps.connections.open", {});
    if (!socket.ok) return fail({ ...socket.error, secret: app });
    const { user: username, user_id: user, team_id: team } = me.value;
    return ok({ id: botId(team, user), username });
  },
  idOf: ({ id = "" }) => id,
  afterAdding: ({ username }) => [
    `People find it in Slack as ${visible(username)}: they write to it, or invite it into a channel and name it there.`,
    "Add each of them: ncl users create --id slack:TEAM:USER, then ncl members add --user slack:TEAM:USER --group GROUP.",
    "Both ids are in the card about a person's first message.",
  ],
};
