import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { chatLink, chatSocketIn } from "@gatehouse/channels/client";
import { hostDatabase } from "@gatehouse/central-database/testing";
import { messengerBots } from "@gatehouse/data-folder";
import { discordIds, discordStandin, slackStandin, telegramStandin } from "@gatehouse/messengers/testing";
import type { Card } from "@gatehouse/std";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { askOnce, startKilledHost } from "../chaos/killed-host.fixture.ts";
import { folderWithAna } from "./echo-group.fixture.ts";

const within = { timeout: 100_000 };

/** What a door shows of the card: its text, and the labels of its buttons. */
type Shown = { readonly text: string; readonly labels: readonly string[] };

/** An owner on a messenger: the stand-in, the bot, the person, their chat, and what they see. */
type Door = {
  readonly root: string;
  readonly bot: object;
  readonly person: string;
  readonly chat: string;
  readonly say: (text: string) => unknown;
  readonly shown: () => readonly Shown[];
  /** Presses the first button of the last card. */
  readonly press: () => void;
};

/** The doors by their names, the one of the press last. To add a messenger, add a row. */
const openDoors = async (): Promise<Readonly<Record<string, Door>>> => {
  const [telegram, slack, discord] = [await telegramStandin(), await slackStandin(), await discordStandin()];
  for (const { close } of [telegram, slack, discord]) onTestFinished(close);
  const ofDiscord = () => discord.seen(discordIds.direct(7)).filter(({ user }) => user === discord.bot);
  return {
    telegram: {
      root: telegram.url,
      bot: { username: telegram.username, token: telegram.token },
      person: "telegram:7",
      chat: "telegram:7",
      say: (text) => telegram.say({ text }),
      shown: () =>
        telegram
          .seen()
          .filter(({ from }) => from.is_bot)
          .map(({ plain = "", reply_markup: markup }) => ({
            text: plain,
            labels: markup?.inline_keyboard?.flat().map(({ text }) => text) ?? [],
          })),
      press: () => {},
    },
    slack: {
      root: slack.url,
      bot: { username: "gate", id: "T1:UBOT", token: slack.token, more: { app: slack.appToken } },
      person: "slack:T1:U7",
      chat: "slack:T1:D7",
      say: (text) => slack.say({ text }),
      shown: () =>
        slack
          .seen("D7")
          .filter(({ user }) => user === "UBOT")
          .map(({ text, buttons }) => ({ text, labels: buttons.map((button) => button.text) })),
      press: () => {},
    },
    discord: {
      root: discord.url,
      bot: { username: "gate", id: discord.id, token: discord.token },
      person: `discord:${discordIds.user(7)}`,
      chat: `discord:@me:${discordIds.direct(7)}`,
      say: (text) => discord.say({ text }),
      shown: () =>
        ofDiscord().map(({ text, buttons }) => ({ text, labels: buttons.map(({ label }) => label) })),
      press: () => {
        const card = ofDiscord().at(-1);
        discord.press({ message: card?.id ?? "", data: card?.buttons[0]?.custom_id ?? "" });
      },
    },
  };
};

test(
  "a card is in the terminal and in each messenger, is answered in one, and changes in all",
  { tags: ["slow"], timeout: 200_000 },
  async () => {
    const doors = await openDoors();
    const dataDir = await folderWithAna("local:ana");
    for (const [type, { bot }] of Object.entries(doors))
      await messengerBots.set(dataDir, { type, bot: "", username: "", token: "", ...bot });
    const messengerRoots = Object.fromEntries(Object.entries(doors).map(([type, { root }]) => [type, root]));
    const host = startKilledHost(inject("programs")["host-child"], dataDir, hostDatabase(), {
      messengerRoots,
    });
    onTestFinished(host.kill);
    expect({ isReady: await host.ready, bugs: host.bugs }).toEqual({ isReady: true, bugs: [] });
    const done = async (command: string, args: object): Promise<Readonly<Record<string, string>>> => {
      const answer = await askOnce(join(dataDir, "ncl.sock"), { command, args });
      return answer?.ok === true
        ? (answer.data as Readonly<Record<string, string>>)
        : expect.fail(JSON.stringify(answer));
    };
    for (const [channel_type, { person, chat, say, shown }] of Object.entries(doors)) {
      const { id: messaging_group_id } = await done("messaging-groups-create", {
        channel_type,
        platform_id: chat,
      });
      await done("wirings-create", { messaging_group_id, agent_group_id: "Ana" });
      await done("users-create", { id: person, kind: channel_type });
      await done("roles-grant", { user: person, role: "owner" });
      // A person who wrote is known by their chat.
      say("hello");
      await vi.waitFor(() => expect(shown()).toMatchObject([{ text: "hello" }]), within);
    }

    const cards: Card[] = [];
    const texts: string[] = [];
    const link = chatLink({
      socketPath: chatSocketIn(dataDir),
      group: "ana",
      as: "local:ana",
      reconnectMs: 1_000,
      events: {
        welcome: () => {},
        taken: () => {},
        lost: () => {},
        refused: ({ message }) => expect.fail(message),
        message: ({ text, card }) => {
          texts.push(text);
          if (card !== undefined) cards.push(card);
        },
      },
    });
    onTestFinished(() => link.stop());
    link.say({ type: "message", id: randomUUID(), text: '/tool Bash {"command":"date"}' });

    const last = ({ shown }: Door): Shown | undefined => shown().at(-1);
    await vi.waitFor(() => expect(cards).toHaveLength(1), within);
    for (const door of Object.values(doors))
      await vi.waitFor(
        () =>
          expect(last(door)).toMatchObject({
            text: expect.stringContaining("May Ana use Bash?") as string,
            labels: expect.arrayContaining(["Allow once"]) as string[],
          }),
        within,
      );
    doors["discord"]?.press();
    const outcome = `Approved by ${doors["discord"]?.person}`;
    await vi.waitFor(() => expect(texts.join("\n")).toContain(outcome), within);
    for (const door of Object.values(doors))
      await vi.waitFor(
        () =>
          expect(last(door)).toMatchObject({ text: expect.stringContaining(outcome) as string, labels: [] }),
        within,
      );
    await vi.waitFor(() => expect(texts.join("\n")).toContain("Bash is allowed"), within);
  },
);
