import { createHash } from "node:crypto";
import { isOfAgent } from "@gatehouse/approvals";
import type { FromPerson } from "../channel.ts";
import { hostMessage, outcomeText, type Approval } from "./card-of.ts";
import type { CardsOptions } from "./cards-options.ts";
import { closeCards } from "./close-cards.ts";
import { channelOf, offerCards } from "./offer-cards.ts";
import { tellOwners } from "../notices/tell-owners.ts";
import { pumping } from "../pumping.ts";

/** The cards of pending approvals. */
export type ApprovalCards = {
  readonly start: () => void;
  /** Checks now, also for people who could not be reached before. */
  readonly nudge: () => void;
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
  const { report, pollMs = 1000 } = options;
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
      if ((lookAgain.get(id) ?? 0) > Date.now()) continue;
      const isDone = await offer(options, id);
      lookAgain.set(id, isDone ? Infinity : Date.now() + againMs);
    }
    await closeCards(options);
    if (tellAgainAt <= Date.now()) tellAgainAt = (await tellOwners(options)) ? 0 : Date.now() + againMs;
  };
  const { nudge, idle } = pumping(async () => {
    if (!isClosed) await reconcile();
  }, report);
  return {
    start: () => {
      timer = setInterval(nudge, pollMs);
      nudge();
    },
    nudge: () => {
      for (const [id, at] of lookAgain) if (at !== Infinity) lookAgain.delete(id);
      tellAgainAt = 0;
      nudge();
    },
    answer: async (message) => {
      await answer(options, message);
      nudge();
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
  { db, now }: CardsOptions,
  { approval_id: approvalId, session_id, command, kind }: Approval,
): Promise<void> => {
  if (!isOfAgent(kind) || session_id === null) return;
  const text =
    `The people who may approve your request "${command}" could not be reached yet. ` +
    "It waits; the operator finds it with: ncl approvals list";
  const content = JSON.stringify({ type: "cli_response", status: "pending", text });
  await db
    .insertInto("system_messages")
    .values({ id: unaskedId(approvalId), session_id, content, created_at: now(), delivered_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
};

/** The agent sees the id of the note, and must not learn that of the approval: it ends with the code of the card. */
const unaskedId = (approvalId: string): string =>
  `sm-unasked-${createHash("sha256").update(approvalId).digest("hex").slice(0, 16)}`;

type Answered = { readonly command: string; readonly args: Readonly<Record<string, string | boolean>> };

/** The commands of the options by their verb. `value` is the text after the `:`, if there is one. */
const verbs: Readonly<Record<string, (value: string | undefined) => Answered | null>> = {
  reject: (reason) => ({ command: "approvals-reject", args: reason === undefined ? {} : { reason } }),
  approve: (group) => ({ command: "approvals-approve", args: group === undefined ? {} : { group } }),
  always: (rule) => ({
    command: "approvals-approve",
    args: rule === undefined ? { always: true } : { rule },
  }),
  answer: (text) => (text === undefined ? null : { command: "approvals-answer", args: { text } }),
};

/** The decision in a card's option, for example `approve:ag-1` or `answer:2`. */
const answeredBy = (option: string, id: string): Answered | null => {
  const [, verb = "", value] = /^(\w+)(?::(.+))?$/s.exec(option) ?? [];
  const answered = Object.hasOwn(verbs, verb) ? verbs[verb]?.(value) : null;
  return answered ? { command: answered.command, args: { id, ...answered.args } } : null;
};

/** The decision is made as that person: without the right nothing changes, and they are told. */
const answer = async (options: CardsOptions, message: FromPerson): Promise<void> => {
  const { cardId, option } = message.answer ?? { cardId: "", option: "" };
  const answered = answeredBy(option, cardId);
  const reply = (text: string, failed: boolean): Promise<unknown> | undefined =>
    channelOf(options.channels, message)?.send(
      hostMessage(message, {
        id: `re-${message.id}`,
        text,
        inReplyTo: message.id,
        ...(failed ? { failed: true } : {}),
      }),
    );
  if (answered === null) return void (await reply(`A card has no option ${JSON.stringify(option)}.`, true));
  const frame = await options.answerUser(message.userId, { id: message.id, ...answered });
  if (!frame.ok) return void (await reply(frame.error.message, true));
  if (await hasCard(options, cardId, message.userId)) return;
  // The card belongs to another person, so the outcome goes to another chat.
  const approval = await approvalOf(options, cardId);
  if (approval !== undefined) await reply(outcomeText(approval), false);
};

const hasCard = async ({ db }: CardsOptions, approvalId: string, userId: string): Promise<boolean> => {
  const row = await db
    .selectFrom("approval_cards")
    .select("user_id")
    .where("approval_id", "=", approvalId)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row !== undefined;
};
