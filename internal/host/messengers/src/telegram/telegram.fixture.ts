import { randomUUID } from "node:crypto";
import type { Central } from "@gatehouse/central-database";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { FromPerson, ToChat } from "@gatehouse/channels";
import type { MessengerBot } from "@gatehouse/data-folder";
import { onTestFinished, vi } from "vitest";
import { messengerChannel, type MessengerChannel, type MessengerHost } from "../messenger-channel.ts";
import { telegramStandin, type TelegramStandin } from "../testing/telegram-standin.ts";
import { telegram } from "./telegram.ts";

/** A central database with the owner `telegram:7`, and a bot at a stand-in of Telegram. */
export type TelegramFixture = {
  readonly central: Central;
  readonly api: TelegramStandin;
  readonly host: MessengerHost;
  /** The events that the channel logged. */
  readonly logged: { readonly event: string; readonly fields: object }[];
  readonly bugs: unknown[];
  /** How often a person became reachable. */
  readonly connected: () => number;
  readonly open: (host?: Partial<MessengerHost>) => MessengerChannel;
  /** Opens and starts a channel that records what it receives. */
  readonly started: (receive?: (message: FromPerson) => Promise<void>) => Promise<{
    readonly channel: MessengerChannel;
    readonly received: readonly FromPerson[];
  }>;
};

export const telegramFixture = async (): Promise<TelegramFixture> => {
  const central = await openedCentral(temporaryFolder());
  const { db } = central;
  await addRow(db, "agent_groups", { id: "ag-1" });
  await addRow(db, "users", { id: "telegram:7" });
  await addRow(db, "user_roles", { user_id: "telegram:7", role: "owner", agent_group_id: null });
  const api = await telegramStandin();
  onTestFinished(api.close);
  const logged: { readonly event: string; readonly fields: object }[] = [];
  const bugs: unknown[] = [];
  let connected = 0;
  const host: MessengerHost = {
    db,
    messages: db,
    owner: "place-12-one",
    isShared: false,
    now: () => new Date().toISOString(),
    id: (prefix) => `${prefix}-${randomUUID()}`,
    report: (error) => void bugs.push(error),
    log: (event, fields) => void logged.push({ event, fields }),
    connected: () => void (connected += 1),
  };
  const open: TelegramFixture["open"] = (more = {}) => {
    const channel = messengerChannel(telegram, { ...host, ...more }, { root: api.url, retryMs: 5 });
    // Done at once: it had no bot before.
    void channel.use([botOf(api)]);
    return channel;
  };
  return {
    central,
    api,
    host,
    logged,
    bugs,
    open,
    connected: () => connected,
    started: async (receive = () => Promise.resolve()) => {
      const received: FromPerson[] = [];
      const channel = open();
      await channel.start(async (message) => {
        await receive(message);
        received.push(message);
      });
      onTestFinished(() => channel.close());
      return { channel, received };
    },
  };
};

/** The bot of a stand-in, as the data folder has it. */
export const botOf = ({ username, token }: TelegramStandin, bot = ""): MessengerBot => ({
  type: "telegram",
  bot,
  username,
  token,
});

/** A message of an agent to the chat of the owner. */
export const toOwner = (more: Partial<ToChat> = {}): ToChat => ({
  id: "re-1",
  platformId: "telegram:7",
  instance: "",
  threadId: null,
  text: "pong",
  inReplyTo: null,
  from: "Ana",
  ...more,
});

/** Waits until a check passes. A busy machine may take seconds. */
export const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check);
