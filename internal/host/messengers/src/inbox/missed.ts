import { backoff, ok, type Result } from "@gatehouse/std";
import type { CallError } from "../messenger.ts";
import { troubleText } from "./trouble-text.ts";

/** A call by which a platform is asked for what was said: for a list of chats, or for a page of a chat. */
export type Piece<Event> = {
  /** Where it was said, as people read it: `the channel 5`. */
  readonly what: string;
  /** The channel of all its events, as `SocketEvent` has it. Left out: a list, by which channels are found. */
  readonly channel?: string;
  readonly read: () => Promise<Result<PieceRead<Event>, CallError>>;
  /** What is read without it, if the platform keeps refusing it. Left out: it is asked for again for a day. */
  readonly without?: () => PieceRead<Event>;
};

export type PieceRead<Event> = {
  /** Those of a chat in the order in which they were said; of several chats in any order. */
  readonly events?: readonly Event[];
  /** What is to be read now. */
  readonly more?: readonly Piece<Event>[];
};

/** A call that failed, and is made again. */
export type Failed = {
  /** The platform has answered, and did not hand it over: for now, or for ever. */
  readonly isRefused: boolean;
  /** A limit of the platform is no failure. */
  readonly failures: number;
  /** When it failed first, and when it is made again, ms of `performance.now()`. */
  readonly first: number;
  readonly again: number;
  /** A sentence. */
  readonly why: string;
};

/** Longest wait before a failed call is made again, ms. */
const longestRetryMs = 600_000;

export const failedAgain = (error: CallError, before: Failed | undefined, retryMs: number): Failed => {
  const { code, retryAfterMs } = error;
  const failures = (before?.failures ?? 0) + (code === "wait" ? 0 : 1);
  const now = performance.now();
  const wait = retryAfterMs ?? backoff({ first: retryMs, most: longestRetryMs }, failures);
  const why = troubleText(error).replace(/\.?$/, ".");
  return { failures, isRefused: !isForNow(error), first: before?.first ?? now, again: now + wait, why };
};

const isForNow = ({ code }: CallError): boolean => code === "wait" || code === "unsent" || code === "unknown";

/** The bot may not see the chat, or it is gone meanwhile: asking again has the same answer. Any other refusal may end. */
export const isGone = ({ code }: CallError): boolean => code === "muted" || code === "no-such-chat";

/** An error of a piece that is one chat: nothing was said in a chat that is gone. */
export const unlessGone = (failed: Fail): Fail | Result<PieceRead<never>, never> =>
  isGone(failed.error) ? ok({}) : failed;

type Fail = Extract<Result<never, CallError>, { readonly ok: false }>;

/** Failures of a list after which the channels of which something is heard are asked for alone, and refusals after which it goes on. */
const mostFailures = 3;

/** Most time for which what is heard of a channel waits for what was missed in it, ms. */
const longestWaitMs = 600_000;

/** Failed calls of one reading: after them the platform is away, and not one chat alone. */
const mostInReading = 3;

/** Events after which a reading hands over what it has: a piece may add as many as 500. */
const mostEvents = 200;

/** Time after the first failure after which a piece is given up, ms: the inbox knows a message for two days. */
const giveUpMs = 86_400_000;

type Missed<Event> = {
  /** What was said since this time (ISO 8601, UTC) is to be read: nobody has heard it, or it is not kept. */
  readonly add: (pieces: readonly Piece<Event>[], time: string) => void;
  /** Reads the next of it, but of no channel that is held: until it has some events, all is read, or the rest has to wait. */
  readonly read: (signal: AbortSignal, isHeld: IsHeld) => Promise<readonly Event[]>;
  /**
   * True while something of a channel is to be read before what is heard of it now. `pieces`: what is read of the channel alone,
   * since a time, if the platform does not hand over the list of its chats.
   */
  readonly delays: (channel: string, pieces: (since: string) => readonly Piece<Event>[]) => boolean;
  /** The time since which something is not read yet; null if all is. */
  readonly unreadSince: () => string | null;
  /** When the next piece is read, ms of `performance.now()`; null if none is. */
  readonly again: (isHeld: IsHeld) => number | null;
  /** Why something is not read yet, a sentence; null if nothing has failed: a limit of the platform is no trouble. */
  readonly trouble: () => string | null;
  readonly forget: () => void;
};

type IsHeld = (channel: string) => boolean;

type Options = {
  /** The platform's name as people write it. */
  readonly title: string;
  /** Wait after the first failure of a piece, ms; doubled each time. */
  readonly retryMs: number;
  /** Tells the log what is not read any more, and what is passed by what is said later: sentences. */
  readonly gaveUp: (reason: string) => void;
  readonly passed: (reason: string) => void;
};

type Unread<Event> = Piece<Event> & {
  readonly since: string;
  failed?: Failed;
  /** Of a list: the channels that were asked for alone. */
  readonly asked: Set<string>;
  isPassed: boolean;
};

/**
 * Reads what was said while nobody heard a platform, piece by piece. An error ends no progress: the piece is read again later, the
 * others go on meanwhile.
 */
export const missed = <Event>({ title, retryMs, gaveUp, passed }: Options): Missed<Event> => {
  /** Those of a channel in the order in which they are read. */
  let unread: Unread<Event>[] = [];
  /** The platform's limit is for all calls. */
  let pausedUntil = 0;
  const again = ({ failed }: Unread<Event>): number => Math.max(failed?.again ?? 0, pausedUntil);
  const reason = ({ what, since, failed }: Unread<Event>): string =>
    `${title} does not hand over what was said in ${what} since ${since}. ${failed?.why ?? ""}`;
  const toRead = (pieces: readonly Piece<Event>[], since: string): readonly Unread<Event>[] =>
    pieces.map((piece) => ({ ...piece, since, asked: new Set(), isPassed: false }));
  const replace = (piece: Unread<Event>, by: readonly Piece<Event>[]): void =>
    void unread.splice(unread.indexOf(piece), 1, ...toRead(by, piece.since));
  /** A list that the platform does not hand over: the channels are asked for alone. */
  const isFailing = ({ channel, failed }: Unread<Event>): boolean =>
    channel === undefined && (failed?.failures ?? 0) >= mostFailures;
  /** Those that may be read: what was missed in the same channel since an earlier time comes first. */
  const open = (isHeld: IsHeld): readonly Unread<Event>[] => {
    const before = new Set<string>();
    const found: Unread<Event>[] = [];
    let hasList = false;
    for (const piece of unread) {
      const { channel } = piece;
      if (channel === undefined || (!hasList && !before.has(channel))) found.push(piece);
      if (channel !== undefined) before.add(channel);
      else if (!isFailing(piece)) hasList = true;
    }
    return found.filter(({ channel }) => channel === undefined || !isHeld(channel));
  };
  /** If one list is handed over, others may be: what they have of its channels comes first. */
  const retryLists = (): void => {
    for (const one of unread)
      if (one.channel === undefined && one.failed !== undefined) one.failed = { ...one.failed, again: 0 };
  };
  const passes = (piece: Unread<Event>): boolean => {
    const { failed } = piece;
    const waitedMs = failed === undefined ? 0 : performance.now() - failed.first;
    const isRefused = failed?.isRefused === true && failed.failures >= mostFailures;
    if (!isRefused && waitedMs < longestWaitMs) return false;
    if (!piece.isPassed) passed(`${reason(piece)} What is said there meanwhile goes first.`);
    piece.isPassed = true;
    return true;
  };
  /** What is read in place of a piece that failed: nothing if it is asked for again. */
  const fails = (piece: Unread<Event>, error: CallError): PieceRead<Event> => {
    const failed = failedAgain(error, piece.failed, retryMs);
    piece.failed = failed;
    if (error.code === "wait") pausedUntil = failed.again;
    const isLeftOut = piece.without !== undefined && failed.isRefused && failed.failures >= mostFailures;
    if (!isLeftOut && failed.again - failed.first <= giveUpMs) return {};
    const { more = [], events = [] } = piece.without?.() ?? {};
    replace(piece, more);
    gaveUp(`${reason(piece)} It is not asked again.`);
    return { events };
  };
  return {
    add: (pieces, time) => void unread.push(...toRead(pieces, time)),
    read: async (signal, isHeld) => {
      const found: Event[] = [];
      let failures = 0;
      while (!signal.aborted && failures < mostInReading && found.length < mostEvents) {
        const piece = open(isHeld).find((one) => again(one) <= performance.now());
        if (piece === undefined) break;
        const answer = await piece.read();
        if (answer.ok) {
          const { events = [], more = [] } = answer.value;
          for (const event of events) found.push(event);
          replace(piece, more);
          if (piece.channel === undefined) retryLists();
        } else {
          failures += 1;
          for (const event of fails(piece, answer.error).events ?? []) found.push(event);
        }
      }
      return found;
    },
    unreadSince: () => unread.map(({ since }) => since).toSorted()[0] ?? null,
    delays: (channel, pieces) => {
      const lists = unread.filter((one) => one.channel === undefined);
      if (lists.some((one) => !isFailing(one))) return true;
      const [first] = lists
        .filter(({ asked }) => !asked.has(channel))
        .map(({ since }) => since)
        .toSorted();
      if (first !== undefined) unread.push(...toRead(pieces(first), first));
      for (const { asked } of lists) asked.add(channel);
      // The later ones of the channel wait for the first one.
      const next = unread.find((one) => one.channel === channel);
      return next !== undefined && !passes(next);
    },
    again: (isHeld) => {
      const times = open(isHeld).map(again);
      return times.length === 0 ? null : Math.min(...times);
    },
    trouble: () => {
      const piece = unread.find(({ failed }) => failed !== undefined && failed.failures > 0);
      return piece === undefined ? null : reason(piece);
    },
    forget: () => {
      unread = [];
      pausedUntil = 0;
    },
  };
};
