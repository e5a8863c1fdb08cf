import { mkdirSync } from "node:fs";
import { messengerBots, startCode, type MessengerBot } from "@gatehouse/data-folder";
import {
  discordIds,
  discordStandin,
  slackStandin,
  telegramStandin,
  type DiscordFault,
  type SlackStandin,
} from "@gatehouse/messengers/testing";
import { expect, onTestFinished, vi } from "vitest";
import type { Chances } from "./random.fixture.ts";

/** The messengers of worlds. */
export type MessengerName = "telegram" | "slack" | "discord";

/** A messenger of a world: a stand-in, with a bot in each data folder. */
export type Line = {
  /** The address of the stand-in. */
  readonly root: string;
  readonly say: (person: string, text: string) => void;
  /** The texts of the bot in the direct chat of a person. */
  readonly shown: (person: string) => readonly string[];
  /** Begins the chat of a person with a group. Resolves when the group answers there. */
  readonly begin: (person: string, groupId: string, done: Done) => Promise<void>;
  /** Makes one of the next calls fail. */
  readonly breakCall: (chances: Chances) => void;
  /** Tells the bot again what it has confirmed, or ends what it listens to. */
  readonly disturb: (chances: Chances) => void;
};

/** Carries out a command of the operator. Resolves with its answer. */
type Done = (command: string, args: object) => Promise<unknown>;

type Row = {
  /** The id of the person of this number, from 0. */
  readonly personOf: (index: number) => string;
  readonly open: (folders: readonly string[]) => Promise<Line>;
};

const addBot = async (folders: readonly string[], bot: MessengerBot): Promise<void> => {
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    await messengerBots.set(folder, bot);
  }
};

const openTelegram: Row["open"] = async (folders) => {
  const api = await telegramStandin();
  onTestFinished(api.close);
  const bot = { type: "telegram", bot: "", username: api.username, token: api.token };
  await addBot(folders, bot);
  const chatOf = (person: string): number => Number(person.replace("telegram:", ""));
  const shown: Line["shown"] = (person) =>
    api
      .seen(chatOf(person))
      .flatMap(({ from, plain }) => (from.is_bot && plain !== undefined ? [plain] : []));
  return {
    root: api.url,
    say: (person, text) => void api.say({ chat: chatOf(person), text }),
    shown,
    // By the link of the person.
    begin: async (person, groupId) => {
      const code = startCode(bot, { userId: person, groupId, now: new Date().toISOString() });
      api.say({ chat: chatOf(person), text: `/start ${code}` });
      await vi.waitFor(() => expect(shown(person)).not.toEqual([]));
    },
    breakCall: (chances) =>
      api.fault(
        chances.pick([
          { method: "sendMessage", kind: "drop-after" },
          { method: "sendMessage", kind: "drop-before" },
          { method: "sendMessage", kind: "error", retryAfter: 1 },
          { method: "sendMessage", kind: "error", code: 502, description: "Bad Gateway" },
          { method: "getUpdates", kind: "drop-after" },
          { method: "getUpdates", kind: "error", code: 502, description: "Bad Gateway" },
        ]),
      ),
    disturb: () => api.repeat(1000),
  };
};

const openSlack: Row["open"] = async (folders) => {
  const api = await slackStandin();
  onTestFinished(api.close);
  const { token, appToken } = api;
  const more = { app: appToken };
  await addBot(folders, { type: "slack", bot: "", username: "gate", id: "T1:UBOT", token, more });
  const chatOf = (person: string): string => person.replace("slack:T1:U", "D");
  return {
    root: api.url,
    say: (person, text) =>
      void api.say({ channel: chatOf(person), user: person.replace("slack:T1:", ""), text }),
    shown: (person) => api.seen(chatOf(person)).flatMap(({ user, text }) => (user === "UBOT" ? [text] : [])),
    begin: async (person, groupId, done) => {
      const platform_id = `slack:T1:${chatOf(person)}`;
      const chat = await done("messaging-groups-create", { channel_type: "slack", platform_id });
      const { id: messaging_group_id } = chat as { readonly id: string };
      await done("wirings-create", { messaging_group_id, agent_group_id: groupId });
    },
    breakCall: (chances) =>
      api.fault(
        chances.pick<Parameters<SlackStandin["fault"]>[0]>([
          { method: "chat.postMessage", kind: "drop-after" },
          { method: "chat.postMessage", kind: "drop-before" },
          { method: "chat.postMessage", kind: "error", retryAfter: 1 },
          { method: "chat.postMessage", kind: "page" },
          { method: "apps.connections.open", kind: "drop-before" },
          { method: "conversations.history", kind: "error", error: "internal_error" },
        ]),
      ),
    disturb: (chances) => chances.pick([api.cut, api.refresh, api.freeze])(),
  };
};

const openDiscord: Row["open"] = async (folders) => {
  const api = await discordStandin({ heartbeatMs: 2_000 });
  onTestFinished(api.close);
  const { token, id } = api;
  await addBot(folders, { type: "discord", bot: "", username: "gate", id, token });
  const userOf = (person: string): string => person.replace("discord:", "");
  const channelOf = (person: string): string => discordIds.direct(Number(person.slice(-2)));
  return {
    root: api.url,
    say: (person, text) => void api.say({ user: userOf(person), text }),
    shown: (person) =>
      api.seen(channelOf(person)).flatMap(({ user, text }) => (user === api.bot ? [text] : [])),
    begin: async (person, groupId, done) => {
      const platform_id = `discord:@me:${channelOf(person)}`;
      const chat = await done("messaging-groups-create", { channel_type: "discord", platform_id });
      const { id: messaging_group_id } = chat as { readonly id: string };
      await done("wirings-create", { messaging_group_id, agent_group_id: groupId });
    },
    breakCall: (chances) =>
      api.fault(
        chances.pick<DiscordFault>([
          { route: "POST /channels/:id/messages", kind: "drop-after" },
          { route: "POST /channels/:id/messages", kind: "drop-before" },
          { route: "POST /channels/:id/messages", kind: "error", retryAfter: 1 },
          { route: "POST /channels/:id/messages", kind: "page" },
          { route: "GET /gateway/bot", kind: "drop-before" },
          { route: "GET /channels/:id/messages", kind: "cloudflare" },
        ]),
      ),
    disturb: (chances) =>
      chances.pick([
        () => api.cut(),
        () => api.cut(2),
        api.reconnect,
        api.freeze,
        () => {
          api.forget();
          api.cut();
        },
      ])(),
  };
};

/** A new messenger is a row. */
export const lineRows: Readonly<Record<MessengerName, Row>> = {
  telegram: { personOf: (index) => `telegram:${101 + index}`, open: openTelegram },
  slack: { personOf: (index) => `slack:T1:U${10 + index}`, open: openSlack },
  discord: { personOf: (index) => `discord:${discordIds.user(10 + index)}`, open: openDiscord },
};

/** Their names, as people write them. */
export const messengerNames = Object.keys(lineRows) as readonly MessengerName[];

/** The messenger of a person; null for a person of a socket. */
export const messengerOf = (person: string): MessengerName | null =>
  messengerNames.find((name) => person.startsWith(`${name}:`)) ?? null;
