import type { Attachment } from "@gatehouse/channels";
import { visible } from "@gatehouse/std";
import { attachmentLimits, namedFiles, type Undelivered } from "@gatehouse/session-rows/messages";
import { findFile, fullGroup, removeFiles, type RemovedFiles, sendToAgent } from "@gatehouse/session-rows";
import { isOurs, type LoopContext } from "../context.ts";
import { type LeasedSession, mayHaveWritten } from "../leased/leased-session.ts";
import { hostText } from "@gatehouse/session-rows/messages";

/** The files of a message of an agent. */
export type OutboxFiles = {
  readonly attachments: readonly Attachment[];
  /** A line for the recipient about each file that was left out. */
  readonly leftOut: readonly string[];
};

/**
 * Collects the files that an agent's message names. A file that is missing or too large is left out; the
 * message is sent without it, and the agent is told. Null if the agent could not be told yet.
 */
export const outboxFiles = async (
  context: LoopContext,
  session: LeasedSession,
  { id, content }: Undelivered,
): Promise<OutboxFiles | null> => {
  const attachments: Attachment[] = [];
  const leftOut: string[] = [];
  const names = new Set(namedFiles(content).map(({ name }) => name));
  for (const [index, name] of [...names].entries()) {
    const found = index < attachmentLimits.count ? await findNamed(context, session, id, name) : tooMany;
    if (found.ok) attachments.push({ name, ...found.value });
    else leftOut.push(`The file ${visible(name).slice(0, longestName)} was not sent: ${found.reason}.`);
  }
  const lines = shortened(leftOut);
  const isTold = lines.length === 0 || (await tell(context, session, id, lines));
  return isTold ? { attachments, leftOut: lines } : null;
};

/** Most files that are reported one by one: a message may name thousands. */
const mostTold = 10;

const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length <= mostTold
    ? lines
    : [...lines.slice(0, mostTold), `And ${lines.length - mostTold} more files were not sent.`];

/** Most characters of a missing file's name in a report. */
const longestName = 200;

type FoundOrReason =
  | { readonly ok: true; readonly value: Omit<Attachment, "name"> }
  | { readonly ok: false; readonly reason: string };

const tooMany: FoundOrReason = { ok: false, reason: `a message has at most ${attachmentLimits.count} files` };

const findNamed = async (
  { central }: LoopContext,
  { id: sessionId, groupId }: LeasedSession,
  messageId: string,
  name: string,
): Promise<FoundOrReason> => {
  const found = await findFile(central.loop, { sessionId, box: "out", messageId }, name);
  if (found.ok) return found;
  const { code, detail } = found.error;
  const full = code === "missing" ? await fullGroup(central.loop, groupId) : null;
  if (full !== null) return { ok: false, reason: full };
  return { ok: false, reason: reasons[code] ?? detail };
};

const reasons: Readonly<Record<string, string>> = {
  "unsafe-id": "the message's id has parts of a path",
  "unsafe-name": "its name points to another folder, or is hidden",
  missing: "it was not sent with that message",
};

/** Delivered as context with the next message. Idempotent. */
const tell = async (
  context: LoopContext,
  session: LeasedSession,
  id: string,
  lines: readonly string[],
): Promise<boolean> => {
  const told = await session.side.transact(
    sendToAgent([
      hostText({ id: `files-${id}`, timestamp: context.now(), text: lines.join("\n"), trigger: false }),
    ]),
  );
  if (!told.ok) return false;
  if (told.value > 0)
    context.log("attachment-not-sent", { session: session.id, id, reason: lines.join(" ") });
  return true;
};

/** Removes the files of a message that was delivered or given up. The caller does not wait for it. */
export const removeSent = (context: LoopContext, session: LeasedSession, message: Undelivered): void => {
  if (namedFiles(message.content).length > 0)
    void remove(context, session, { box: "out", messageId: message.id }).catch(context.report);
};

/**
 * Removes files that a killed runner sent without a message, from a session without a container. False if a
 * file may still have to be delivered, or could not be removed: call it again later.
 */
export const clearOutbox = async (context: LoopContext, session: LeasedSession): Promise<boolean> => {
  if (mayHaveWritten(session)) return false;
  return clearBox(context, session, "out");
};

/**
 * Removes the files of all messages of a box, if this host still has the lease. False if they could not be
 * removed.
 */
export const clearBox = async (
  context: LoopContext,
  session: LeasedSession,
  box: "in" | "out",
): Promise<boolean> =>
  // Otherwise another host's runner may have sent more files.
  (await isOurs(context, session)) ? remove(context, session, { box }) : true;

const remove = async (
  { central, log }: LoopContext,
  { id: sessionId }: LeasedSession,
  files: Omit<RemovedFiles, "sessionId">,
): Promise<boolean> => {
  const removed = await removeFiles(central.loop, { ...files, sessionId });
  if (!removed.ok) log("attachment-not-removed", { session: sessionId, reason: removed.error.detail });
  return removed.ok;
};
