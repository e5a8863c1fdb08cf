import { randomUUID } from "node:crypto";
import type { Central } from "@gatehouse/central-database";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { FromPerson, ToChat } from "@gatehouse/channels";
import type { MessengerBot } from "@gatehouse/data-folder";
import { onTestFinished, vi } from "vitest";
import { messengerChannel, type MessengerChannel, type MessengerHost } from "../messenger-channel.ts";
import { slackStandin, type SlackStandin } from "../testing/slack-standin.ts";
import { slack } from "./slack.ts";

/** A central database with the owner `slack:T1:U7`, and a bot at a stand-in of Slack. */
export type SlackFixture = {
  readonly central: Central;
  readonly api: SlackStandin;
  readonly bugs: unknown[];
  readonly logged: { readonly event: string; readonly fields: object }[];
  readonly open: () => MessengerChannel;
  /** Opens and starts a channel that records what it receives. */
  readonly started: (receive?: (message: FromPerson) => Promise<void>) => Promise<{
    readonly channel: MessengerChannel;
    readonly received: readonly FromPerson[];
  }>;
};

export const slackFixture = async (
  options: Parameters<typeof slackStandin>[0] = {},
): Promise<SlackFixture> => {
  const central = await openedCentral(temporaryFolder());
  const { db } = central;
  await addRow(db, "agent_groups", { id: "ag-1" });
  await addRow(db, "users", { id: "slack:T1:U7", kind: "slack" });
  await addRow(db, "user_roles", { user_id: "slack:T1:U7", role: "owner", agent_group_id: null });
  const api = await slackStandin(options);
  onTestFinished(api.close);
  const bugs: unknown[] = [];
  const logged: { readonly event: string; readonly fields: object }[] = [];
  const host: MessengerHost = {
    db,
    messages: db,
    owner: "place-12-one",
    isShared: false,
    now: () => new Date().toISOString(),
    id: (prefix) => `${prefix}-${randomUUID()}`,
    report: (error) => void bugs.push(error),
    log: (event, fields) => void logged.push({ event, fields }),
    connected: () => {},
  };
  const open = (): MessengerChannel => {
    const channel = messengerChannel(slack, host, { root: api.url, retryMs: 5 });
    void channel.use([botOf(api)]);
    return channel;
  };
  return {
    central,
    api,
    bugs,
    logged,
    open,
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
export const botOf = ({ token, appToken }: SlackStandin): MessengerBot => ({
  type: "slack",
  bot: "",
  username: "gate",
  id: "T1:UBOT",
  token,
  more: { app: appToken },
});

/** A message of an agent to the chat of the owner. */
export const toOwner = (more: Partial<ToChat> = {}): ToChat => ({
  id: "re-1",
  platformId: "slack:T1:D7",
  instance: "",
  threadId: null,
  text: "pong",
  inReplyTo: null,
  from: "Ana",
  ...more,
});

/** Waits until a check passes. A busy machine may take seconds. */
export const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 10_000 });
