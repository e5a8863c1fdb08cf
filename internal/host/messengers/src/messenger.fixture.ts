import { randomUUID } from "node:crypto";
import type { Central } from "@gatehouse/central-database";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { FromPerson } from "@gatehouse/channels";
import type { MessengerBot } from "@gatehouse/data-folder";
import { defined, type Card } from "@gatehouse/std";
import { expect, onTestFinished, vi } from "vitest";
import { messengerChannel, type MessengerChannel } from "./messenger-channel.ts";
import type { Messenger } from "./messenger.ts";
import type { MessengerHost } from "./used-bot.ts";

/** A central database with an owner, and a bot of a messenger at a stand-in of its platform. */
export type MessengerFixture = {
  readonly central: Central;
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

type Given = {
  readonly messenger: Messenger;
  readonly bot: MessengerBot;
  /** The address of the stand-in. */
  readonly root?: string;
  readonly callMs?: number;
  readonly ownerId: string;
};

export const messengerFixture = async ({
  messenger,
  bot,
  root,
  callMs,
  ownerId,
}: Given): Promise<MessengerFixture> => {
  const central = await openedCentral(temporaryFolder());
  const { db } = central;
  await addRow(db, "agent_groups", { id: "ag-1" });
  await addRow(db, "users", { id: ownerId, kind: messenger.type });
  await addRow(db, "user_roles", { user_id: ownerId, role: "owner", agent_group_id: null });
  const logged: { readonly event: string; readonly fields: object }[] = [];
  const bugs: unknown[] = [];
  let connected = 0;
  const host = hostOf(db, {
    report: (error) => void bugs.push(error),
    log: (event, fields) => void logged.push({ event, fields }),
    connected: () => void (connected += 1),
  });
  const open: MessengerFixture["open"] = (more = {}) => {
    const options = { ...defined({ root, callMs }), retryMs: 5 };
    const channel = messengerChannel(messenger, { ...host, ...more }, options);
    // Done at once: it had no bot before.
    void channel.use([bot]);
    return channel;
  };
  return {
    central,
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

/** A host that is alone on its database, and has no bugs. */
export const hostOf = (db: MessengerHost["db"], more: Partial<MessengerHost> = {}): MessengerHost => ({
  db,
  messages: db,
  owner: "place-12-one",
  isShared: false,
  now: () => new Date().toISOString(),
  id: (prefix) => `${prefix}-${randomUUID()}`,
  report: (error) => expect.fail(String(error)),
  log: () => {},
  connected: () => {},
  ...more,
});

/** Waits until a check passes. */
export const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check);

type ShownPart = {
  /** The ids by one of which the host may know it: a file has another one than its message. */
  readonly platformIds: readonly [string, ...string[]];
  readonly text: string;
  /** The labels of its buttons. */
  readonly labels: readonly string[];
  readonly file?: { readonly name: string; readonly text: string } | undefined;
};

type ShownCard = Card & { readonly platformMessageId: string };

type ShownMessage = {
  readonly id: string;
  text: string;
  card: Card | null;
  readonly files: { name: string; text: string }[];
};

type Sends = {
  /** A card that was sent, and the platform's id of it. */
  readonly card: (cardId: string) => Promise<ShownCard>;
  /** The parts that a platform shows, as messages. */
  readonly messages: (parts: readonly ShownPart[]) => Promise<readonly ShownMessage[]>;
};

/** What a channel has sent, by the rows of its sends. */
export const sendsOf = ({ db }: Pick<Central, "db">): Sends => {
  const rows = () => db.selectFrom("messenger_sends").selectAll().execute();
  return {
    card: async (cardId) => {
      const row = (await rows()).find((each) => each.card_id === cardId);
      return {
        ...(JSON.parse(row?.card ?? "{}") as Card),
        platformMessageId: row?.platform_message_id ?? "",
      };
    },
    messages: async (parts) => {
      const sent = await rows();
      const shown = new Map<string, ShownMessage>();
      for (const { platformIds, text, labels, file } of parts) {
        const row = sent.find(({ platform_message_id: id }) => id !== null && platformIds.includes(id));
        const id = row?.message_id ?? `unknown-${platformIds[0]}`;
        const one = shown.get(id) ?? { id, text: "", card: null, files: [] };
        shown.set(id, one);
        one.text += text;
        const card = row?.card == null ? null : (JSON.parse(row.card) as Card);
        if (
          card !== null &&
          JSON.stringify(card.options.map(({ label }) => label)) !== JSON.stringify(labels)
        )
          throw new Error(`The card ${platformIds[0]} has other buttons: ${labels.join(", ")}`);
        one.card ??= card;
        if (file !== undefined) one.files.push({ name: file.name, text: file.text });
      }
      return [...shown.values()];
    },
  };
};
