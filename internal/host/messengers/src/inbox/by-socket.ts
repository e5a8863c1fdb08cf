import { fail, ok, type Result } from "@gatehouse/std";
import type { CallError, Connection, ConnectOptions, KeptUpdate } from "../messenger.ts";
import { missed, type ReadMissed } from "./missed.ts";

/** An event of a platform, before it is an update. */
export type SocketEvent = {
  /** The id of its update: a repeated one has the same. */
  readonly messageId: string;
  /** Its place among the events of its chat: it rises. */
  readonly at: bigint;
};

/** A socket that is open, or was. */
export type EventSocket = {
  readonly isOpen: () => boolean;
  /** It goes on with the session of the last one: the platform tells itself what was said meanwhile. */
  readonly isResumed: boolean;
  /** Tells the platform that an event is stored. Rejects if that is to be tried again, also by another socket. */
  readonly acknowledge: (receipt: string) => Promise<void>;
  readonly close: () => void;
};

export type SocketHandlers<Event> = {
  /**
   * `read` returns null for an event that is for nobody. It may throw for one that is not as the platform describes it: that is
   * reported, and the event left out. `receipt`: if the platform waits for an acknowledgement.
   */
  readonly received: (read: () => Event | null, receipt: string | null) => void;
  /** Called for each sign of life. */
  readonly heard: () => void;
  /** Called once, when an open socket ends: `announced` by the platform, or broken off. */
  readonly closed: (announced: boolean) => void;
};

export type BySocketOptions<Event> = Pick<ConnectOptions, "heardAt" | "reopened" | "report" | "signal"> & {
  /** The platform's name as people write it. */
  readonly title: string;
  readonly open: (handlers: SocketHandlers<Event>) => Promise<Result<EventSocket, CallError>>;
  readonly missed: ReadMissed<Event>;
  /** The update of an event; null for one that is for nobody. */
  readonly kept: (event: Event) => Promise<Result<KeptUpdate | null, CallError>>;
};

/** Most time for which a call waits for events, ms. The lease to receive is renewed with each call. */
const pollMs = 20_000;

/** The same while an acknowledgement is to be tried again. */
const acknowledgeMs = 500;

/**
 * Time after which a socket is closed that nobody reads, ms: the events of an app may go to one of its sockets alone. It is longer
 * after a failure, which is tried again, and less than a lease, which another host may take.
 */
const [unreadMs, unreadAfterFailureMs] = [5_000, 12_000];

type Waiting<Event> = { readonly event: Event; readonly receipt: string | null };

/**
 * Receives the events of a platform by a socket: each is acknowledged once it is stored, by the socket of then. What was said
 * without one is read with each new socket, before its own events.
 */
export const bySocket = <Event extends SocketEvent>({
  title,
  heardAt,
  reopened,
  report,
  signal: closing,
  ...platform
}: BySocketOptions<Event>): Pick<Connection, "poll"> & Required<Pick<Connection, "heardAt">> => {
  const gaps = missed(platform.missed);
  let socket: EventSocket | null = null;
  /** Receipts of events that are stored, or are for nobody, and were not acknowledged. */
  let stored: string[] = [];
  let waiting: Waiting<Event>[] = [];
  let given: readonly Waiting<Event>[] = [];
  let arrived = (): void => {};
  /** The last sign of life over a socket. */
  let heard: string | null = null;
  /** The last one before a socket broke off without a word; null if the last socket did not. */
  let cutAfter: string | null = null;
  let timer: NodeJS.Timeout | undefined;

  const close = (): void => {
    clearTimeout(timer);
    socket?.close();
    socket = null;
  };
  closing.addEventListener("abort", close, { once: true });
  /** Closes the socket if nobody reads it by then: at once, if it opened while the connection was closed. */
  const closeIn = (ms: number): void => {
    if (closing.aborted) return close();
    timer = setTimeout(close, ms);
  };

  /** An error in a listener of a library would end the host. */
  const readSafely = (read: () => Event | null): Event | null => {
    try {
      return read();
    } catch (error) {
      report(error);
      return null;
    }
  };
  const acknowledge = async (): Promise<void> => {
    const by = socket;
    if (by === null) return;
    const all = stored;
    stored = [];
    await Promise.all(all.map((one) => by.acknowledge(one).catch(() => void stored.push(one))));
  };
  /** Opens a socket, and notes since when there was none. The last one is closed once the next one is open. */
  const open = async (): Promise<Result<void, CallError>> => {
    const last = socket;
    const since = [heard, await heardAt()]
      .filter((time) => time !== null)
      .toSorted()
      .at(-1);
    const opened = await platform.open({
      received: (read, receipt) => {
        const event = readSafely(read);
        if (event !== null) waiting.push({ event, receipt });
        else if (receipt !== null) stored.push(receipt);
        arrived();
      },
      heard: () => void (heard = new Date().toISOString()),
      closed: (announced) => {
        if (!announced) cutAfter = heard;
        arrived();
      },
    });
    last?.close();
    if (!opened.ok) return opened;
    socket = opened.value;
    if (!socket.isResumed && since !== undefined) gaps.since(since);
    if (cutAfter !== null)
      reopened(
        `The socket of ${title} broke off; ${title} was last heard at ${cutAfter}. Another one is open.`,
      );
    cutAfter = null;
    return ok(undefined);
  };
  /** Reads what was missed. Of the same message a socket has the first text, and then its change; a history the last text. */
  const addMissed = async (): Promise<Result<void, CallError>> => {
    const read = await gaps.read();
    if (!read.ok) return read;
    const told = new Set(waiting.map(({ event }) => event.messageId));
    const found = read.value.filter(({ messageId }) => !told.has(messageId));
    if (found.length === 0) return ok(undefined);
    waiting.push(...found.map((event) => ({ event, receipt: null })));
    waiting.sort((one, other) =>
      one.event.at < other.event.at ? -1 : one.event.at > other.event.at ? 1 : 0,
    );
    return ok(undefined);
  };
  const updatesOf = async (events: readonly Waiting<Event>[]): Promise<Result<KeptUpdate[], CallError>> => {
    const updates: KeptUpdate[] = [];
    for (const { event } of events) {
      const kept = await platform.kept(event);
      if (!kept.ok) return kept;
      if (kept.value !== null) updates.push(kept.value);
    }
    return ok(updates);
  };
  const failed = (error: CallError) => {
    closeIn(unreadAfterFailureMs);
    return fail(error);
  };
  const poll: Connection["poll"] = async (areStored, signal) => {
    clearTimeout(timer);
    if (areStored) stored.push(...given.flatMap(({ receipt }) => receipt ?? []));
    else waiting = [...given, ...waiting];
    given = [];
    const isNew = socket?.isOpen() !== true;
    if (isNew) {
      const opened = await open();
      if (!opened.ok) return opened;
    }
    await acknowledge();
    const read = await addMissed();
    if (!read.ok) return failed(read.error);
    // With a new socket the time of this answer is noted at once: from then on nothing is missed.
    if (waiting.length === 0 && !isNew && !signal.aborted) await nextEvent(signal);
    if (signal.aborted) {
      close();
      return ok([]);
    }
    const taken = waiting;
    waiting = [];
    const updates = await updatesOf(taken);
    if (!updates.ok) {
      waiting = [...taken, ...waiting];
      return failed(updates.error);
    }
    given = taken;
    closeIn(unreadMs);
    return updates;
  };
  const nextEvent = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(most);
        signal.removeEventListener("abort", end);
        arrived = () => {};
        resolve();
      };
      const most = setTimeout(end, stored.length > 0 ? acknowledgeMs : pollMs);
      signal.addEventListener("abort", end, { once: true });
      arrived = end;
    });
  return { poll, heardAt: () => heard };
};
