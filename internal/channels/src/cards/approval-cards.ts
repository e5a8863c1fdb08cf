import { isOfAgent } from "@gatehouse/control-plane";
import { approveFor, type FromPerson } from "../channel.ts";
import { hostMessage, outcomeText, type Approval } from "./card-of.ts";
import type { CardsOptions } from "./cards-options.ts";
import { closeCards } from "./close-cards.ts";
import { channelOf, offerCards } from "./offer-cards.ts";

/** The cards of approvals that wait. */
export type ApprovalCards = {
  readonly start: () => void;
  /** Looks now; also for people who could not be reached before. */
  readonly nudge: () => void;
  /** Takes a person's answer to a card. */
  readonly answer: (message: FromPerson) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Milliseconds after which people who could not be reached are tried again. */
const againMs = 30_000;

/** Brings each approval to everybody who may answer it, and its outcome to everybody who was asked. */
export const approvalCards = (options: CardsOptions): ApprovalCards => {
  const { report, lookMs = 1000 } = options;
  /** When an approval is looked at again; Infinity once everybody has a card. */
  const lookAgain = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let isAsked = false;
  let isClosed = false;

  const look = async (): Promise<void> => {
    const pending = await pendingIds(options);
    for (const id of lookAgain.keys()) if (!pending.has(id)) lookAgain.delete(id);
    for (const id of pending) {
      if (isClosed) return;
      if ((lookAgain.get(id) ?? 0) > Date.now()) continue;
      const isDone = await offer(options, id);
      lookAgain.set(id, isDone ? Infinity : Date.now() + againMs);
    }
    await closeCards(options);
  };
  const run = async (): Promise<void> => {
    while (isAsked && !isClosed) {
      isAsked = false;
      await look().catch(report);
    }
    running = null;
  };
  const lookSoon = (): void => {
    isAsked = true;
    if (!isClosed) running ??= run();
  };
  return {
    start: () => {
      timer = setInterval(lookSoon, lookMs);
      lookSoon();
    },
    nudge: () => {
      for (const [id, at] of lookAgain) if (at !== Infinity) lookAgain.delete(id);
      lookSoon();
    },
    answer: async (message) => {
      await answer(options, message);
      lookSoon();
    },
    close: async () => {
      isClosed = true;
      if (timer !== null) clearInterval(timer);
      await running;
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

/** Whether nobody is left to be asked. */
const offer = async (options: CardsOptions, id: string): Promise<boolean> => {
  const approval = await approvalOf(options, id);
  if (approval?.status !== "pending") return true;
  const { asked, missed } = await offerCards(options, approval);
  if (asked === 0) await tellUnasked(options, approval);
  return asked > 0 && missed === 0;
};

/**
 * Tells the agent, once, that nobody could be asked (case 98). The approval waits all the same: the operator
 * can answer it with ncl, and somebody may begin a chat.
 */
const tellUnasked = async (
  { db, now }: CardsOptions,
  { approval_id: approvalId, session_id, command, kind }: Approval,
): Promise<void> => {
  if (!isOfAgent(kind) || session_id === null) return;
  const text =
    `The people who may approve your request "${command}" could not be reached yet. ` +
    `It waits; the operator can answer it with: ncl approvals approve ${approvalId}`;
  const content = JSON.stringify({ type: "cli_response", approvalId, status: "pending", text });
  await db
    .insertInto("system_messages")
    .values({ id: `sm-unasked-${approvalId}`, session_id, content, created_at: now(), delivered_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
};

type Answered = { readonly command: string; readonly args: Readonly<Record<string, string>> };

/** What an option of a card asks for. `approve:ag-1` names the group that is to answer in a chat. */
const answeredBy = (option: string, id: string): Answered | null => {
  if (option === "reject") return { command: "approvals-reject", args: { id } };
  if (option === "approve") return { command: "approvals-approve", args: { id } };
  if (!option.startsWith(approveFor)) return null;
  return { command: "approvals-approve", args: { id, group: option.slice(approveFor.length) } };
};

/** The decision is the person's own: without the right nothing changes, and they are told (case 30). */
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
  // It was another person's card, so its outcome goes to another chat.
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
