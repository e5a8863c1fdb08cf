import { createHash } from "node:crypto";
import { lastSource, originOf, sessionFor, type FilePlace } from "@gatehouse/session-rows";
import { ok, fieldsOf, textOf } from "@gatehouse/std";
import type { InboundMessage, Undelivered } from "@gatehouse/session-rows/messages";
import type { LoopContext } from "../context.ts";
import { outboxFiles } from "../files/outbox-files.ts";
import { filesIn, putAttachments } from "../files/put-attachments.ts";
import { append } from "../leased/append.ts";
import type { Sent } from "./outbox.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { destinationsOf, sessionFacts, senderNameOf } from "../leased/session-facts.ts";

/** Longest chain of messages between agents before a person has to write again. */
export const maxHops = 20;

/** The content of the id of a message between agents. */
export type AgentMessage = {
  /** The session of the sending agent. The answer returns to it. */
  readonly sessionId: string;
  /** Length of the chain of messages between agents, including this one. */
  readonly hop: number;
};

const form = /^a2a-(\d{1,4})-(.{1,80})-[0-9a-f]{16}$/s;

/**
 * The id under which the other agent gets a message. It is the same on every try, and contains the session
 * for the answer and the length of the chain, so both survive a restart of the host.
 */
export const agentMessageId = ({ sessionId, hop }: AgentMessage, outboundId: string): string =>
  `a2a-${hop}-${sessionId}-${createHash("sha256").update(outboundId).digest("hex").slice(0, 16)}`;

/** Null for the id of any other kind of message. */
export const parseAgentMessageId = (id: string | null): AgentMessage | null => {
  const found = id === null ? null : form.exec(id);
  return found === null ? null : { hop: Number(found[1]), sessionId: found[2] ?? "" };
};

const tooFar = `${maxHops} messages went between agents without a person: a person must write first.`;

/**
 * Passes an agent's message to the agent of another group. An answer returns to exactly the session that
 * asked. Any other message goes to the session of that group that wrote to this one last, or else to the
 * group's newest active session.
 */
export const deliverToAgent = async (
  context: LoopContext,
  session: LeasedSession,
  message: Undelivered,
): Promise<Sent> => {
  const groupId = message.platformId ?? "";
  const asked = await askedBy(session, message.inReplyTo);
  if (asked === "later") return { how: "later" };
  const origin = asked === null ? null : await openSession(context, asked.sessionId, groupId);
  if (origin === null && !(await isDestination(context, session.groupId, groupId)))
    return { how: "failed", reason: `${groupId} is not a destination of this group.` };
  const hop = (asked?.hop ?? 0) + 1;
  if (hop > maxHops) return { how: "failed", reason: tooFar };
  const targetId =
    origin ?? (await lastPeer(context, session, groupId)) ?? (await newestOf(context, groupId));
  if (targetId === null) return { how: "failed", reason: "the other group was deleted." };
  const facts = await sessionFacts(context.central.loop, session.id);
  const id = agentMessageId({ sessionId: session.id, hop }, message.id);
  const files = await copyFiles(context, session, message, {
    sessionId: targetId,
    box: "in",
    messageId: id,
  });
  if (files === null) return { how: "later" };
  if (!files.ok) return { how: "failed", reason: files.error.message };
  const row: InboundMessage = {
    id,
    kind: "chat",
    timestamp: context.now(),
    content: {
      text: [textOf(fieldsOf(message.content)["text"]), ...files.value.leftOut].join("\n"),
      senderName: facts === null ? session.groupId : senderNameOf(facts.group),
      ...filesIn(files.value.files),
    },
    trigger: true,
    onWake: false,
    sourceSessionId: session.id,
    processAfter: null,
    channelType: "agent",
    platformId: session.groupId,
    threadId: null,
  };
  const written = await append(context, targetId, [row]);
  if (written.ok) return { how: "delivered", platformMessageId: null };
  return written.error.code === "unwritable"
    ? { how: "failed", reason: `its session cannot be written (${written.error.message}).` }
    : { how: "later" };
};

/**
 * The other agent's message that a message answers, and the length of its chain. The agent chose the id, so it
 * counts only if this session received that message. Null for any other id.
 */
const askedBy = async (
  { side }: LeasedSession,
  inReplyTo: string | null,
): Promise<AgentMessage | null | "later"> => {
  const named = parseAgentMessageId(inReplyTo);
  if (named === null || inReplyTo === null) return null;
  const received = await side.read(originOf(inReplyTo));
  if (!received.ok) return "later";
  return received.value?.sourceSessionId === named.sessionId ? named : null;
};

/** Copies files from one session to the other. Null if it has to be tried again later. */
const copyFiles = async (
  context: LoopContext,
  session: LeasedSession,
  message: Undelivered,
  place: FilePlace,
) => {
  const found = await outboxFiles(context, session, message);
  if (found === null) return null;
  const put = await putAttachments(context, place, found.attachments, session.groupId);
  return put.ok ? ok({ files: put.value, leftOut: found.leftOut }) : put;
};

/** Null for a session that is closed, gone or of another group: the answer cannot return there. */
const openSession = async (
  { central: { loop: db } }: LoopContext,
  sessionId: string,
  groupId: string,
): Promise<string | null> => {
  const row = await db
    .selectFrom("sessions")
    .select(["agent_group_id", "status"])
    .where("id", "=", sessionId)
    .executeTakeFirst();
  return row?.status === "active" && row.agent_group_id === groupId ? sessionId : null;
};

/** Null if the group never wrote to this session, or its writing session is closed. */
const lastPeer = async (
  context: LoopContext,
  { side }: LeasedSession,
  groupId: string,
): Promise<string | null> => {
  const last = await side.read(lastSource(groupId));
  return last.ok && last.value !== null ? openSession(context, last.value, groupId) : null;
};

const isDestination = async (context: LoopContext, from: string, to: string): Promise<boolean> => {
  if (from === to) return true;
  const destinations = await destinationsOf(context.central.loop, from);
  return destinations.some(({ agentGroupId }) => agentGroupId === to);
};

/** The most recently active session of a group with people or agents; made if it has none. Null if the group is gone. */
const newestOf = async (context: LoopContext, groupId: string): Promise<string | null> => {
  const { loop: db } = context.central;
  const row = await db
    .selectFrom("sessions")
    .select("id")
    .where("agent_group_id", "=", groupId)
    .where("status", "=", "active")
    .where("task_id", "is", null)
    .orderBy((eb) => eb.fn.coalesce("last_active", "created_at"), "desc")
    .orderBy("id", "desc")
    .executeTakeFirst();
  if (row !== undefined) return row.id;
  const clock = { now: context.now, id: context.newId };
  const made = await sessionFor(db, { groupId, messagingGroupId: null, threadId: null }, clock);
  return made?.id ?? null;
};
