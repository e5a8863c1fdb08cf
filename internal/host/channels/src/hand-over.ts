import { pause } from "@gatehouse/fs-kit";
import { backoff, coalesced, type Coalesced } from "@gatehouse/std";

/** The waiting messages of a channel, as rows of the database. */
export type WaitingMessages<Message> = {
  /**
   * The next messages of a chat, in order. If further parts of the following one may come, `waitMs` is the time after which
   * it is read again, else 0. Empty with `waitMs` 0: none waits.
   */
  readonly next: (
    chat: string,
  ) => Promise<{ readonly messages: readonly Message[]; readonly waitMs: number }>;
  /** Gives a message to the host. False if the host closes before. Throws if the host fails on it. */
  readonly give: (message: Message, closing: AbortSignal) => Promise<boolean>;
  /** Ends a message on which the host has failed `mostTries` times, with this error at last. If it throws, the message stays. */
  readonly giveUp: (message: Message, error: unknown) => Promise<void>;
  /** Marks a message as handed over, unless it waits for an answer since. The host may have marked it itself. */
  readonly end: (message: Message) => Promise<void>;
  /** Wait before the second try, ms; doubled each time. */
  readonly retryMs: number;
  readonly report: (error: unknown) => void;
};

/** Hands the waiting messages of chats over to the host. */
export type HandingOver<Message> = {
  /** Hands over the waiting messages of a chat, in order, one after the other. */
  readonly nudge: (chat: string) => void;
  /** Like `nudge`, with messages whose question has an answer before any later one. */
  readonly answered: (chat: string) => void;
  /** The messages that are being handed over. */
  readonly inHand: () => Iterable<Message>;
  /** Resolves when no message of the chat is handed over. */
  readonly idle: (chat: string) => Promise<void>;
  /** Starts no further handover. Resolves when the running ones are finished. */
  readonly close: () => Promise<void>;
};

/**
 * Most tries to hand over a message on which the host fails, before it is given up: repeated for ever, it would keep back all
 * later ones of its chat.
 */
const mostTries = 5;

/** The messages are in the database, so each chat needs memory only for one read. A slow chat delays no other. */
export const handingOver = <Message>(waiting: WaitingMessages<Message>): HandingOver<Message> => {
  const { next, end, retryMs, report } = waiting;
  const pumps = new Map<string, Coalesced>();
  const inHand = new Set<Message>();
  const closing = new AbortController();
  const { signal } = closing;
  let answers = 0;

  const nudge = (chat: string): void => {
    if (signal.aborted) return;
    const pump = pumps.get(chat) ?? coalesced(() => drain(chat), report);
    pumps.set(chat, pump);
    void pump.run();
  };
  const drain = async (chat: string): Promise<void> => {
    try {
      for (;;) {
        const known = answers;
        const { messages, waitMs } = await next(chat);
        if (messages.length === 0 && waitMs === 0) return;
        for (const message of messages) {
          if (signal.aborted) return;
          if (answers !== known) break;
          inHand.add(message);
          await handOne(message).finally(() => inHand.delete(message));
        }
        if (waitMs > 0) await pause(waitMs, signal);
        if (signal.aborted) return;
      }
    } catch (error) {
      report(error);
      await pause(retryMs, signal);
      nudge(chat);
    }
  };
  const handOne = async (message: Message): Promise<void> => {
    if (await isGiven(waiting, message, signal)) await end(message);
  };
  return {
    nudge,
    answered: (chat) => {
      answers += 1;
      nudge(chat);
    },
    inHand: () => inHand,
    idle: async (chat) => pumps.get(chat)?.idle(),
    close: async () => {
      closing.abort();
      await Promise.all([...pumps.values()].map(({ idle }) => idle()));
    },
  };
};

/** Gives a message to the host, or gives it up. False if the host closes before. */
const isGiven = async <Message>(
  { give, giveUp, retryMs, report }: WaitingMessages<Message>,
  message: Message,
  closing: AbortSignal,
): Promise<boolean> => {
  for (let tries = 1; ; tries += 1)
    try {
      return await give(message, closing);
    } catch (error) {
      report(error);
      if (tries === mostTries) {
        await giveUp(message, error);
        return true;
      }
      await pause(backoff({ first: retryMs }, tries), closing);
      if (closing.aborted) return false;
    }
};

/** What a person reads about a message that was given up. */
export const givenUpText =
  "The host failed on this message. That is a bug in gatehouse; its log has the details.";
