import { appendIn } from "@gatehouse/session-rows";
import { hostText } from "@gatehouse/session-rows/messages";
import { answeredBy, cardOf, isOfAgent, noteId, outcomeText, textOfCard } from "@gatehouse/approvals";
import type { Card } from "@gatehouse/std";
import type { FromPerson, ToChat } from "../channel.ts";
import { cardMessageId, hostMessage, type Approval } from "./host-message.ts";
import { notDone, type CardsOptions } from "./cards-options.ts";
import { closeCards } from "./close-cards.ts";
import { channelOf, offerCards, peopleAsked } from "./offer-cards.ts";
import { tellOwners } from "../notices/tell-owners.ts";
import { coalesced } from "@gatehouse/std";

/** The cards of pending approvals. */
export type ApprovalCards = {
  readonly start: () => void;
  /** Checks now: an approval was asked for, or has ended. */
  readonly nudge: () => void;
  /** Checks now, also for people who could not be reached before. */
  readonly retry: () => void;
  /** Handles a person's answer to a card. */
  readonly answer: (message: FromPerson) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Wait before people who could not be reached are tried again, ms. */
const againMs = 30_000;

/**
 * Sends a card for each approval to everyone who may answer it, and its outcome to everyone who was asked.
 */
export const approvalCards = (options: CardsOptions): ApprovalCards => {
  const { report, pollMs = 30_000 } = options;
  /** By approval, the time of its next check; Infinity once every approver has a card. */
  const lookAgain = new Map<string, number>();
  /** The time of the next try to tell the owners something. */
  let tellAgainAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const reconcile = async (): Promise<void> => {
    const pending = await pendingIds(options);
    for (const id of lookAgain.keys()) if (!pending.has(id)) lookAgain.delete(id);
    for (const id of pending) {
      if (isClosed) return;
      if ((lookAgain.get(id) ?? 0) > performance.now()) continue;
      const isDone = await offer(options, id).catch(notDone(options));
      lookAgain.set(id, isDone ? Infinity : performance.now() + againMs);
    }
    await closeCards(options);
    if (tellAgainAt <= performance.now())
      tellAgainAt = (await tellOwners(options)) ? 0 : performance.now() + againMs;
  };
  const { run: nudge, idle } = coalesced(async () => {
    if (!isClosed) await reconcile();
  }, report);
  return {
    start: () => {
      timer = setInterval(() => void nudge(), pollMs);
      void nudge();
    },
    nudge: () => void nudge(),
    retry: () => {
      for (const [id, at] of lookAgain) if (at !== Infinity) lookAgain.delete(id);
      tellAgainAt = 0;
      void nudge();
    },
    answer: async (message) => {
      await answer(options, message);
      void nudge();
    },
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      await idle();
    },
  };
};

const pendingIds = async ({ db, now }: CardsOptions): Promise<ReadonlySet<string>> => {
  const rows = await db
    .selectFrom("pending_approvals")
    .select("approval_id")
    .where("status", "=", "pending")
    .where("expires_at", ">", now())
    .execute();
  return new Set(rows.map(({ approval_id }) => approval_id));
};

const approvalOf = ({ db }: CardsOptions, id: string): Promise<Approval | undefined> =>
  db.selectFrom("pending_approvals").selectAll().where("approval_id", "=", id).executeTakeFirst();

/** Returns whether every approver has been asked. */
const offer = async (options: CardsOptions, id: string): Promise<boolean> => {
  const approval = await approvalOf(options, id);
  if (approval?.status !== "pending") return true;
  const { asked, missed } = await offerCards(options, approval);
  if (asked === 0) await tellUnasked(options, approval);
  return asked > 0 && missed === 0;
};

/**
 * Tells the agent, once, that no approver could be reached. The approval stays pending: the
 * operator can answer it with ncl, and an approver may begin a chat.
 */
const tellUnasked = async (
  { db, now, noted }: CardsOptions,
  { approval_id: approvalId, session_id, command, kind }: Approval,
): Promise<void> => {
  if (!isOfAgent(kind) || session_id === null) return;
  const text =
    `The people who may approve your request "${command}" could not be reached yet. ` +
    "It waits; the operator finds it with: ncl approvals list";
  const message = hostText({ id: noteId(approvalId, "unasked"), timestamp: now(), text, trigger: true });
  await db
    .transaction()
    .execute((transaction) => appendIn(transaction, { sessionId: session_id, owner: "" }, [message]));
  noted?.();
};

/** The decision is made as that person: without the right nothing changes, and they are told. */
const answer = async (options: CardsOptions, message: FromPerson): Promise<void> => {
  const { answer: given } = message;
  const approval = given === undefined ? undefined : await approvalOf(options, given.cardId);
  const reply = (text: string, more: Partial<ToChat> = {}): Promise<unknown> | undefined =>
    channelOf(options.channels, message)?.send(
      hostMessage(message, { id: `re-${message.id}`, text, inReplyTo: message.id, ...more }),
    );
  const failed = { failed: true } as const;
  if (given === undefined) return;
  const { cardId, option, seen } = given;
  const answered = approval === undefined ? null : await answeredBy(options.db, approval, given);
  const card = approval?.status === "pending" ? await cardOf(options.db, approval) : null;
  if (answered === null && card?.digest === seen)
    return void (await reply(`${cardId} has no option ${JSON.stringify(option)}.`, failed));
  // Another card, or none: the refusal is in the words of the command. No card has the empty digest, so the command
  // never approves in place of the missing option.
  const command = answered ?? { command: "approvals-approve", args: { id: cardId, seen: "" } };
  const frame = await options.answerUser(message.userId, { id: message.id, ...command });
  if (!frame.ok) {
    const isNew =
      card !== null && card.digest !== seen && (await peopleAsked(options.db, cardId)).has(message.userId);
    const text = isNew
      ? `${cardId} has changed since it was shown. Nothing was answered.`
      : frame.error.message;
    await reply(text, failed);
    if (isNew) await showAgain(options, message, card);
    return;
  }
  if (approval === undefined || (await peopleAsked(options.db, cardId)).has(message.userId)) return;
  // The card belongs to another person, so the outcome goes to another chat.
  const now = await approvalOf(options, cardId);
  if (now !== undefined) await reply(outcomeText(now));
};

/** Shows the card as it is now in place of the one that the person has answered. */
const showAgain = async (options: CardsOptions, message: FromPerson, card: Card): Promise<void> => {
  const id = `${cardMessageId(card.id, message.userId)}-${card.digest}`;
  const sent = await channelOf(options.channels, message)?.send(
    hostMessage(message, { id, text: textOfCard(card), inReplyTo: null, card }),
  );
  if (sent?.ok !== true) return;
  await options.db
    .updateTable("approval_cards")
    .set({ message_id: sent.value.platformMessageId })
    .where("approval_id", "=", card.id)
    .where("user_id", "=", message.userId)
    .execute();
};
