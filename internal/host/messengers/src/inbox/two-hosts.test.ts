import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { fail, ok } from "@gatehouse/std";
import { expect, onTestFinished, test, vi } from "vitest";
import { hostOf } from "../messenger.fixture.ts";
import { stubPlatform } from "../stub.fixture.ts";
import { bySocket, type SocketEvent, type SocketHandlers } from "./by-socket.ts";
import type { Piece } from "./missed.ts";
import { receiveUpdates } from "./receive-updates.ts";
import { heardAt } from "./updates.ts";

const key = { type: "stub", bot: "" };

type Socket = SocketHandlers<SocketEvent> & { isOpen: boolean };

/** A platform with a history of each chat. It tells an event to the newest of its open sockets, or to none. */
const scriptedPlatform = () => {
  const history: SocketEvent[] = [];
  const sockets: Socket[] = [];
  let asked = 0;
  const chat = (channel: string): Piece<SocketEvent> => ({
    what: channel,
    channel,
    read: () => {
      asked += 1;
      return Promise.resolve(
        channel === "broken"
          ? fail({ code: "unknown", message: "502." })
          : ok({ events: history.filter((one) => one.channel === channel) }),
      );
    },
  });
  const tell = (event: SocketEvent, to: Socket | undefined): void => to?.received(() => event, null);
  return {
    chat,
    asked: () => asked,
    sockets,
    open: (handlers: SocketHandlers<SocketEvent>) => {
      const socket: Socket = { ...handlers, isOpen: true };
      sockets.push(socket);
      handlers.heard();
      const close = (): void => void (socket.isOpen = false);
      return Promise.resolve(
        ok({
          isOpen: () => socket.isOpen,
          isResumed: false,
          acknowledge: () => Promise.resolve(),
          pause: close,
          end: close,
        }),
      );
    },
    say: (messageId: string, to = sockets.findLast(({ isOpen }) => isOpen)): void => {
      const event = { messageId, at: BigInt(history.length), channel: "chat", isInHistory: true };
      history.push(event);
      tell(event, to);
    },
    cut: (socket: Socket | undefined): void => {
      if (socket === undefined) return;
      socket.isOpen = false;
      socket.closed(false);
    },
  };
};

test("two hosts of one database store the messages of a chat in their order, though the lease and sockets end between them", async () => {
  const { db, close } = await openedCentral(temporaryFolder());
  onTestFinished(() => close());
  const platform = scriptedPlatform();
  const closing = new AbortController();
  const hosts: Promise<void>[] = [];
  onTestFinished(async () => {
    closing.abort();
    await Promise.all(hosts);
  });
  const start = (owner: string): void => {
    const host = hostOf(db, { owner, isShared: true });
    const connection = bySocket<SocketEvent>({
      log: () => {},
      report: host.report,
      retryMs: 200,
      title: "A platform",
      heardAt: () => heardAt(db, key),
      signal: closing.signal,
      open: platform.open,
      missed: (_, only) =>
        only === undefined ? [platform.chat("chat"), platform.chat("broken")] : [platform.chat(only.channel)],
      kept: ({ messageId, channel }) =>
        Promise.resolve(ok({ updateId: null, chat: channel, messageId, content: "" })),
    });
    const received = receiveUpdates(
      {
        key,
        connection,
        host,
        messenger: stubPlatform().stub,
        retryMs: 200,
        hand: { move: (_, work) => work(), idsOf: () => undefined, nudge: () => {} },
      },
      closing.signal,
    );
    hosts.push(received);
  };
  const storedAre = (...ids: readonly string[]): Promise<void> =>
    vi.waitFor(async () => {
      const rows = db.selectFrom("messenger_updates").select("message_id").orderBy("update_id");
      expect((await rows.execute()).map(({ message_id: id }) => id)).toEqual(ids);
    });
  start("one");
  await vi.waitFor(() => expect(platform.sockets).toHaveLength(1));
  platform.say("m-1");
  await storedAre("m-1");
  // The first host goes on, as one that was stopped does, and does not know that its lease has run out.
  await db.updateTable("leases").set({ expires_at: "2026-01-01T00:00:00.000Z" }).execute();
  const asked = platform.asked();
  start("two");
  await vi.waitFor(() => expect(platform.asked()).toBe(asked + 2));
  const [ofFirst, ofSecond] = platform.sockets;
  // A chat is not handed over, so what the second host hears waits; then its socket breaks off.
  platform.say("m-2", ofSecond);
  platform.cut(ofSecond);
  platform.say("m-3", ofFirst);
  platform.say("m-4", ofFirst);
  await vi.waitFor(() => expect(platform.sockets).toHaveLength(3));
  await storedAre("m-1", "m-2", "m-3", "m-4");
});
