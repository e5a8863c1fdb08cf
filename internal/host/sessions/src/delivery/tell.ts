import { channelOf, fenceOf, type LoopContext } from "../context.ts";
import type { ToChat } from "@gatehouse/channels";
import type { Waiting } from "@gatehouse/session-rows/messages";
import type { LeasedSession } from "../leased/leased-session.ts";
import { instanceOf, sessionFacts } from "../leased/session-rows.ts";

/** A sentence from the host to a session's chat. */
export type Told = {
  /** Equal for equal events, so a channel that can compare ids shows it once. */
  readonly id: string;
  readonly text: string;
  readonly inReplyTo: string | null;
  /** The message that `inReplyTo` names was not carried out. */
  readonly failed?: true;
};

/**
 * Sends a text to a session's chat, in the host's own name. A session of several chats has no chat of its
 * own.
 */
export const tellChat = async (context: LoopContext, session: LeasedSession, told: Told): Promise<void> => {
  const facts = await sessionFacts(context.central.beside, session.id);
  const { channelType = null, platformId = null, threadId = null } = facts?.routing ?? {};
  if (facts === null || platformId === null) return notTold(context, session, told, "no chat");
  const { instance } = facts;
  await tell(context, session, channelType, { ...told, platformId, instance, threadId, from: null });
};

/** Tells the sender of a message, in its chat and thread, that it was not carried out. */
export const tellSender = async (
  context: LoopContext,
  session: LeasedSession,
  { id: inReplyTo, channelType, platformId, threadId }: Waiting,
  told: Pick<Told, "id" | "text">,
): Promise<void> => {
  const { beside: db } = context.central;
  const preferred = (await sessionFacts(db, session.id))?.instance ?? "";
  const instance = (await instanceOf(db, { channelType, platformId, preferred })) ?? "";
  const place = { platformId, instance, threadId, inReplyTo };
  await tell(context, session, channelType, { ...told, ...place, from: null, failed: true });
};

/** A host whose lease another host has taken sends nothing. */
const tell = async (
  context: LoopContext,
  session: LeasedSession,
  channelType: string | null,
  message: ToChat,
): Promise<void> => {
  const sent = await channelOf(context, channelType)?.send({ ...message, ...fenceOf(context, session) });
  if (sent?.ok === true) return;
  if (sent?.error.code === "fenced") return session.tell({ type: "lost", why: sent.error.message });
  notTold(context, session, message, sent?.error.message ?? "no channel");
};

const notTold = (
  { log }: LoopContext,
  session: LeasedSession,
  { id }: Pick<Told, "id">,
  reason: string,
): void => log("not-told", { session: session.id, id, reason });
