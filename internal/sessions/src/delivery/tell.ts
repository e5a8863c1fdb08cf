import { channelOf, fenceOf, type LoopContext } from "../context.ts";
import type { ToChat } from "@gatehouse/channels";
import type { Waiting } from "@nc/session-db";
import type { HeldSession } from "../held/held-session.ts";
import { instanceOf, sessionFacts } from "../held/session-rows.ts";

/** A sentence of the host to the chat of a session. */
export type Told = {
  /** The same for the same event: a channel that can, shows it once. */
  readonly id: string;
  readonly text: string;
  readonly inReplyTo: string | null;
  /** What `inReplyTo` asks was not done. */
  readonly failed?: true;
};

/** Tells the chat of a session something, in the host's own name. A session of several chats has none. */
export const tellChat = async (context: LoopContext, session: HeldSession, told: Told): Promise<void> => {
  const facts = await sessionFacts(context.central.beside, session.id);
  const { channelType = null, platformId = null, threadId = null } = facts?.routing ?? {};
  if (facts === null || platformId === null) return notTold(context, session, told, "no chat");
  const { instance } = facts;
  await tell(context, session, channelType, { ...told, platformId, instance, threadId, from: null });
};

/** Tells the sender of a message that it was not done, in the chat and thread that it came from. */
export const tellSender = async (
  context: LoopContext,
  session: HeldSession,
  { id: inReplyTo, channelType, platformId, threadId }: Waiting,
  told: Pick<Told, "id" | "text">,
): Promise<void> => {
  const { beside: db } = context.central;
  const preferred = (await sessionFacts(db, session.id))?.instance ?? "";
  const instance = (await instanceOf(db, { channelType, platformId, preferred })) ?? "";
  const place = { platformId, instance, threadId, inReplyTo };
  await tell(context, session, channelType, { ...told, ...place, from: null, failed: true });
};

/** A host that another one outran tells nothing. */
const tell = async (
  context: LoopContext,
  session: HeldSession,
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
  session: HeldSession,
  { id }: Pick<Told, "id">,
  reason: string,
): void => log("not-told", { session: session.id, id, reason });
