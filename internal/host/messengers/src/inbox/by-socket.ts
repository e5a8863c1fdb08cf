import { ok, type Result } from "@gatehouse/std";
import type { CallError, Connection, ConnectOptions, KeptUpdate } from "../messenger.ts";
import { failedAgain, missed, type Failed, type Piece } from "./missed.ts";

/** An event of a platform, before it is an update. */
export type SocketEvent = {
  /** The id of its update: a repeated one has the same. */
  readonly messageId: string;
  /** Its place among the events of its chat: it rises. */
  readonly at: bigint;
  /** The chat or thread in which it is, as the platform names it. */
  readonly channel: string;
  /** The platform tells it again if it is asked for what was missed. */
  readonly isInHistory?: boolean;
};

/** A socket that is open, or was. */
export type EventSocket = {
  readonly isOpen: () => boolean;
  /** It goes on with the session of the last one: the platform tells itself what was said meanwhile. */
  readonly isResumed: boolean;
  /** Tells the platform that an event is stored. Rejects if that is to be tried again, also by another socket. */
  readonly acknowledge: (receipt: string) => Promise<void>;
  /** Closes it. The next socket goes on with its session, if the platform has sessions. */
  readonly pause: () => void;
  /** Closes it, and ends its session, also if it is closed already. */
  readonly end: () => void;
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

export type BySocketOptions<Event> = Pick<
  ConnectOptions,
  "heardAt" | "log" | "report" | "retryMs" | "signal"
> & {
  /** The platform's name as people write it. */
  readonly title: string;
  readonly open: (handlers: SocketHandlers<Event>) => Promise<Result<EventSocket, CallError>>;
  /** What is asked for to find what was said since a time (ISO 8601, UTC): everywhere, or in the channel of an event alone. */
  readonly missed: (since: string, event?: Event) => readonly Piece<Event>[];
  /** The update of an event; null for one that is for nobody. */
  readonly kept: (event: Event) => Promise<Result<KeptUpdate | null, CallError>>;
};

/** Most time for which a call waits for events, ms. The lease to receive is renewed with each call. */
const pollMs = 20_000;

/** The same while an acknowledgement is to be tried again. */
const acknowledgeMs = 500;

/** Time after which a socket is closed that nobody reads, ms: the events of an app may go to one of its sockets alone. */
const unreadMs = 5_000;

/** Events that may wait in memory. With more the socket is closed until they are stored: the platform keeps the next ones. */
const mostWaiting = 1_000;

/** Events of a channel that wait in memory for something of their own channel. The next ones are read from the platform then. */
const mostHeld = 100;

/** `heard`: when the platform told it, or since when it was missed (ISO 8601, UTC). */
type Waiting<Event> = { readonly event: Event; readonly receipt: string | null; readonly heard: string };

const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);

const isInHistory = ({ event }: Waiting<SocketEvent>): boolean => event.isInHistory === true;

/** The order in which events were said. */
const inPlace = (one: Waiting<SocketEvent>, other: Waiting<SocketEvent>): number =>
  one.event.at < other.event.at ? -1 : one.event.at > other.event.at ? 1 : 0;

/**
 * Receives the events of a platform by a socket: each is acknowledged once it is stored, by the socket of then. What was said
 * without one is read with each new socket, before its own events.
 */
export const bySocket = <Event extends SocketEvent>({
  title,
  heardAt,
  log,
  report,
  retryMs,
  signal: closing,
  ...platform
}: BySocketOptions<Event>): Pick<Connection, "poll"> & Required<Pick<Connection, "begin" | "state">> => {
  const gaps = missed<Event>({
    title,
    retryMs,
    gaveUp: (reason) => log("messenger-left-out", reason),
    passed: (reason) => log("messenger-out-of-order", reason),
  });
  let socket: EventSocket | null = null;
  /** Receipts of events that are stored, or are for nobody, and were not acknowledged. */
  let stored: string[] = [];
  /** Events of sockets, which come after what was missed in their channels. */
  let live: Waiting<Event>[] = [];
  let ready: Waiting<Event>[] = [];
  let given: readonly Waiting<Event>[] = [];
  /** Those that were given last could not be stored. */
  let isStuck = false;
  /** By channel, of which no event can be completed now. Its events wait, in their order; those of others go on. */
  const held = new Map<string, Failed>();
  const isHeld = (channel: string): boolean => held.has(channel);
  /** Those of which the rest is read from the platform, and was not asked for yet. */
  const cut = new Set<string>();
  let arrived = (): void => {};
  /** The last sign of life over a socket. */
  let heard: string | null = null;
  /** The last one before a socket broke off without a word; null if the last socket did not. */
  let cutAfter: string | null = null;
  let isFullSaid = false;
  let timer: NodeJS.Timeout | undefined;

  closing.addEventListener("abort", () => socket?.end(), { once: true });

  /** Closes the socket if nobody reads it by then. */
  const pauseIn = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => socket?.pause(), ms);
    timer.unref();
  };
  const isFull = (): boolean => ready.length + live.length + (isStuck ? given.length : 0) >= mostWaiting;
  /** In a turn of its own: a library may have counted the next event already, which it has not told yet. */
  const pauseIfFull = (): boolean => {
    if (!isFull()) return false;
    if (!isFullSaid) log("messenger-full", fullText);
    isFullSaid = true;
    pauseIn(0);
    return true;
  };
  const fullText = `${mostWaiting} messages of ${title} wait to be stored. Its socket is closed until they are.`;

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
        if (event !== null) live.push({ event, receipt, heard: new Date().toISOString() });
        else if (receipt !== null) stored.push(receipt);
        pauseIfFull();
        arrived();
      },
      heard: () => void (heard = new Date().toISOString()),
      closed: (announced) => {
        if (!announced) cutAfter = heard;
        arrived();
      },
    });
    last?.pause();
    if (!opened.ok) return opened;
    socket = opened.value;
    if (closing.aborted) socket.end();
    isFullSaid = false;
    if (!socket.isResumed && since !== undefined) gaps.add(platform.missed(since), since);
    if (cutAfter !== null)
      log(
        "messenger-reopened",
        `The socket of ${title} broke off; ${title} was last heard at ${cutAfter}. Another one is open.`,
      );
    cutAfter = null;
    return ok(undefined);
  };
  /** What is read while nothing can be stored would only be more in memory. */
  const mayRead = (): boolean => !isStuck && ready.length < mostWaiting;
  /**
   * Reads what was missed. Of the same message a socket has the first text, and then its change; a history the last text. What a
   * socket told of a channel meanwhile is handed out with what was said there later, and not after it.
   */
  const addMissed = async (signal: AbortSignal): Promise<void> => {
    const since = gaps.unreadSince();
    if (since === null) return;
    const read = await gaps.read(signal, isHeld);
    const known = new Set([...ready, ...live].map(({ event }) => event.messageId));
    const upTo = new Map<string, bigint>();
    for (const { channel, at } of read) upTo.set(channel, max(at, upTo.get(channel) ?? at));
    const isIn = ({ event }: Waiting<Event>): boolean => event.at <= (upTo.get(event.channel) ?? -1n);
    // A message may be in two readings.
    const found = new Map(read.map((event) => [event.messageId, event]));
    for (const id of known) found.delete(id);
    ready = [
      ...ready,
      ...[...found.values()].map((event) => ({ event, receipt: null, heard: since })),
      ...live.filter(isIn),
    ].toSorted(inPlace);
    live = live.filter((one) => !isIn(one));
  };
  /** Reads from the platform, after what waits, an event that is dropped and those of its channel after it. */
  const drop = ({ event, receipt, heard: since }: Waiting<Event>): void => {
    if (receipt !== null) stored.push(receipt);
    if (cut.has(event.channel)) return;
    cut.add(event.channel);
    const pieces = platform.missed(since, event).map((piece) => {
      const read: typeof piece.read = () => {
        cut.delete(event.channel);
        return piece.read();
      };
      return { ...piece, read };
    });
    gaps.add(pieces, since);
  };
  /** Keeps no more events of a channel that waits than memory is for. A press, which no history has, comes after the rest. */
  const dropRest = (isDelayed: (one: Waiting<Event>) => boolean): void => {
    const counts = new Map<string, number>();
    const isRest = ({ event: { channel } }: Waiting<Event>): boolean => {
      const count = (counts.get(channel) ?? 0) + 1;
      counts.set(channel, count);
      return count > mostHeld;
    };
    const isHere = (one: Waiting<Event>): boolean => isHeld(one.event.channel);
    const rest = new Set([
      ...ready.filter((one) => isHere(one) && isRest(one)),
      ...live.toSorted(inPlace).filter((one) => (isHere(one) || isDelayed(one)) && isRest(one)),
    ]);
    if (rest.size === 0) return;
    const [known, others] = [[...rest].filter(isInHistory), [...rest].filter((one) => !isInHistory(one))];
    for (const one of known) drop(one);
    ready = ready.filter((one) => !rest.has(one));
    live = [...live.filter((one) => !rest.has(one)), ...others];
  };
  /** The events whose turn it is, each chat's in the order in which they were said. */
  const due = (): readonly Waiting<Event>[] => {
    const firsts = new Map(live.map(({ event }) => [event.channel, event]));
    const delayed = new Set(
      [...firsts]
        .filter(([channel, event]) => gaps.delays(channel, (since) => platform.missed(since, event)))
        .map(([channel]) => channel),
    );
    const isDelayed = ({ event }: Waiting<Event>): boolean => delayed.has(event.channel);
    ready = [...ready, ...live.filter((one) => !isDelayed(one))].toSorted(inPlace);
    live = live.filter(isDelayed);
    dropRest(isDelayed);
    return ready.filter(({ event }) => (held.get(event.channel)?.again ?? 0) <= performance.now());
  };
  const handOut = async (events: readonly Waiting<Event>[]): Promise<readonly KeptUpdate[]> => {
    const updates: KeptUpdate[] = [];
    const out = new Set<Waiting<Event>>();
    const failed = new Set<string>();
    for (const one of events) {
      const { channel } = one.event;
      if (failed.has(channel)) continue;
      const kept = await platform.kept(one.event);
      if (!kept.ok) {
        failed.add(channel);
        held.set(channel, failedAgain(kept.error, held.get(channel), retryMs));
        continue;
      }
      held.delete(channel);
      out.add(one);
      if (kept.value !== null) updates.push(kept.value);
    }
    given = [...out];
    ready = ready.filter((one) => !out.has(one));
    return updates;
  };
  const poll: Connection["poll"] = async (areStored, signal) => {
    clearTimeout(timer);
    isStuck = !areStored && given.length > 0;
    if (areStored) stored.push(...given.flatMap(({ receipt }) => receipt ?? []));
    else ready = [...given, ...ready];
    given = [];
    const isNew = !isFull() && socket?.isOpen() !== true;
    if (isNew) {
      const opened = await open();
      if (!opened.ok && due().length === 0) return opened;
    }
    await acknowledge();
    if (mayRead()) await addMissed(signal);
    // With a new socket the time of this answer is noted at once: from then on nothing is missed.
    if (!isNew && due().length === 0 && !signal.aborted) await nextEvent(signal);
    if (signal.aborted) {
      socket?.pause();
      return ok([]);
    }
    const updates = await handOut(due());
    if (!pauseIfFull()) pauseIn(unreadMs);
    return ok(updates);
  };
  const nextEvent = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(most);
        signal.removeEventListener("abort", end);
        arrived = () => {};
        resolve();
      };
      const again = [
        mayRead() ? gaps.again(isHeld) : null,
        ...[...held.values()].map((one) => one.again),
      ].flatMap((at) => (at === null ? [] : at - performance.now()));
      const ms = Math.min(stored.length > 0 ? acknowledgeMs : pollMs, ...again);
      const most = setTimeout(end, ms);
      signal.addEventListener("abort", end, { once: true });
      arrived = end;
    });
  const heldText = (): string | null => {
    const [first] = held;
    if (first === undefined) return null;
    const [channel, { why }] = first;
    return `${title} does not tell about the channel ${channel}, whose messages wait. ${why}`;
  };
  return {
    poll,
    begin: () => {
      clearTimeout(timer);
      socket?.end();
      socket = null;
      [stored, live, ready, given] = [[], [], [], []];
      held.clear();
      cut.clear();
      gaps.forget();
      [heard, cutAfter] = [null, null];
    },
    state: () => ({
      // What was told and is not stored is told again after a kill.
      heardAt:
        [gaps.unreadSince(), ...[...ready, ...live].map((one) => one.heard)]
          .filter((time) => time !== null)
          .toSorted()[0] ?? heard,
      trouble: gaps.trouble() ?? heldText(),
    }),
  };
};
