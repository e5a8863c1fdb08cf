import { backoff } from "@gatehouse/std";
import { sql } from "kysely";
import { pause } from "@gatehouse/fs-kit";
import { giveBackLease } from "@gatehouse/session-rows";
import { isTrouble } from "@gatehouse/sqlite";
import type { CallError, Connection, KeptUpdate } from "../messenger.ts";
import type { HandOver } from "./hand-over.ts";
import type { UsedBot } from "../used-bot.ts";
import { leaseMs, pollOf, takePoll } from "./poll-lease.ts";
import { troubleText } from "./trouble-text.ts";
import { chatsWaiting, storeUpdates } from "./updates.ts";

export type ReceiveOptions = Pick<UsedBot, "host" | "messenger" | "key" | "retryMs"> & {
  readonly connection: Pick<Connection, "begin" | "poll" | "state">;
  readonly hand: Pick<HandOver, "move" | "idsOf" | "nudge">;
};

/** Longest wait after a failed request, ms. */
const longestRetryMs = 30_000;

/** Interval of the tries to take a lease that another host has, ms. */
const otherHostMs = 5_000;

/** Receives the updates of a bot until the signal aborts. Only one host does so, the one with the lease. */
export const receiveUpdates = async (options: ReceiveOptions, signal: AbortSignal): Promise<void> => {
  const { key, hand, retryMs } = options;
  const { messages: db, report } = options.host;
  let token: number | null = null;
  /** The last one, also after its end. */
  let last = Infinity;
  let areStored = false;
  let failures = 0;
  const trouble = troubleOf(options);
  const waitMs = (): number => backoff({ first: retryMs, most: longestRetryMs }, failures);
  while (!signal.aborted) {
    try {
      const before: number | null = token;
      token = await takePoll(options.host, key);
      if (token === null) {
        await pause(otherHostMs, signal);
        continue;
      }
      if (token !== before) {
        areStored = false;
        // Each host that takes the lease has the next number.
        if (token > last + 1) options.connection.begin?.();
        last = token;
        for (const chat of await chatsWaiting(db, key)) hand.nudge(chat);
      }
      const polled = await whileLeased(options, token, signal, (until) =>
        options.connection.poll(areStored, until),
      );
      if (signal.aborted) break;
      if (polled === null) {
        token = null;
        continue;
      }
      if (!polled.ok) {
        failures += 1;
        await trouble.note(token, polled.error);
        await pause(polled.error.retryAfterMs ?? waitMs(), signal);
        continue;
      }
      areStored = false;
      const updates = polled.value;
      const stored = await storeSafely(options, token, updates);
      if (stored === null) {
        token = null;
        continue;
      }
      areStored = true;
      failures = 0;
      trouble.say(options.connection.state?.().trouble ?? null);
      for (const chat of stored.chats) hand.nudge(chat);
      if (stored.isNew) options.host.connected();
    } catch (error) {
      failures += 1;
      report(error);
      await pause(waitMs(), signal);
    }
  }
  if (token !== null) await giveBackLease(db, pollOf(key), token).catch(report);
};

type Stored = Awaited<ReturnType<typeof storeUpdates>>;

/**
 * If the updates cannot be stored together, each is stored alone, so that one that cannot be stored ends only itself. While the
 * database is away or the disk is full nothing can be stored, and all are received again.
 */
const storeSafely = async (
  options: ReceiveOptions,
  token: number,
  updates: readonly KeptUpdate[],
): Promise<Stored> => {
  try {
    return await store(options, token, updates);
  } catch (error) {
    if (isTrouble(error)) throw error;
    options.host.report(error);
  }
  const chats = new Set<string>();
  let isNew = false;
  for (const update of updates) {
    try {
      const stored = await store(options, token, [update]);
      if (stored === null) return null;
      for (const chat of stored.chats) chats.add(chat);
      isNew ||= stored.isNew;
    } catch (error) {
      if (isTrouble(error)) throw error;
      const { type: channel, bot } = options.key;
      options.host.log("update-left-out", {
        channel,
        bot,
        update: String(update.updateId),
        chat: update.chat,
      });
    }
  }
  return { chats: [...chats], isNew };
};

const store = (
  { host: { messages: db, now }, key, hand, connection }: ReceiveOptions,
  token: number,
  updates: readonly KeptUpdate[],
): Promise<Stored> =>
  hand.move(
    updates.flatMap(({ move }) => move ?? []),
    () =>
      storeUpdates(db, key, {
        token,
        updates,
        now: now(),
        state: connection.state?.() ?? { heardAt: now(), trouble: null },
        isInHand: (id) => hand.idsOf(id) !== undefined,
      }),
  );

/**
 * Renews the lease during a request for updates, which may stay open for longer than a lease. Null if another host has taken it.
 * The only host of a database needs no renewal.
 */
const whileLeased = async <T>(
  { host, key }: ReceiveOptions,
  token: number,
  signal: AbortSignal,
  poll: (until: AbortSignal) => Promise<T>,
): Promise<T | null> => {
  if (!host.isShared) return poll(signal);
  const lost = new AbortController();
  const renew = async (): Promise<void> => {
    if ((await takePoll(host, key)) !== token) lost.abort();
  };
  const timer = setInterval(() => void renew().catch(host.report), leaseMs / 3);
  try {
    const polled = await poll(AbortSignal.any([signal, lost.signal]));
    return lost.signal.aborted ? null : polled;
  } finally {
    clearInterval(timer);
  }
};

/** Why nothing, or not all, is received: the log has it once, and `gatehouse status` while it lasts. */
const troubleOf = ({ host: { messages: db, log }, messenger, key }: ReceiveOptions) => {
  const again = `give its secrets again: gatehouse channels add ${key.type}${key.bot === "" ? "" : ` --bot ${key.bot}`}`;
  const fixes: Partial<Record<CallError["code"], string>> = {
    unauthorized: again,
    unsent: messenger.setUp.ifSilent,
  };
  let said: string | null = null;
  const say = (trouble: string | null): void => {
    if (trouble !== null && trouble !== said)
      log("messenger-trouble", { channel: key.type, bot: key.bot, reason: trouble });
    said = trouble;
  };
  return {
    say,
    note: async (token: number, { code, message, fix = fixes[code] }: CallError): Promise<void> => {
      const sentence =
        code === "conflict" ? `Another program receives the updates of this bot. ${message}` : message;
      const trouble = troubleText({ message: sentence, ...(fix === undefined ? {} : { fix }) });
      // A host that has lost the lease is the other program itself.
      const { rows } = await sql`
        insert into messenger_bots as there (type, bot, trouble)
        select ${key.type}, ${key.bot}, ${trouble} from leases where name = ${pollOf(key)} and token = ${token}
        on conflict (type, bot) do update set trouble = excluded.trouble
        returning bot`.execute(db);
      if (rows.length > 0) say(trouble);
    },
  };
};
