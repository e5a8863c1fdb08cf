import type { Attachment } from "@gatehouse/channels";
import { visible } from "@gatehouse/std";
import { attachmentLimits, namedFiles, type Undelivered } from "@nc/session-db";
import { clearAttachments, findAttachment, hasAttachments, removeAttachments } from "@nc/session-db/node";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { hostRow } from "../held/host-row.ts";

/** The files of a message of an agent. */
export type OutboxFiles = {
  readonly attachments: readonly Attachment[];
  /** A line for each that cannot be sent, for whoever gets the message. */
  readonly leftOut: readonly string[];
};

/**
 * Looks at the files that an agent's message names. What is no plain file of that message, or too large, is left
 * out: the rest is sent without it, and the agent is told. Null if it could not be told yet.
 */
export const outboxFiles = async (
  context: LoopContext,
  session: HeldSession,
  { id, content }: Undelivered,
): Promise<OutboxFiles | null> => {
  const attachments: Attachment[] = [];
  const leftOut: string[] = [];
  const names = new Set(namedFiles(content).map(({ name }) => name));
  for (const [index, name] of [...names].entries()) {
    const found = index < attachmentLimits.count ? await look(session, id, name) : tooMany;
    if (found.ok) attachments.push({ name, ...found.value });
    else leftOut.push(`The file ${visible(name).slice(0, longestName)} was not sent: ${found.reason}.`);
  }
  const isTold = leftOut.length === 0 || (await tell(context, session, id, leftOut));
  return isTold ? { attachments, leftOut } : null;
};

/** Of the name of a file that is not there, characters that are told. */
const longestName = 200;

type Looked =
  | { readonly ok: true; readonly value: Omit<Attachment, "name"> }
  | { readonly ok: false; readonly reason: string };

const tooMany: Looked = { ok: false, reason: `a message has at most ${attachmentLimits.count} files` };

const look = async ({ folder }: HeldSession, messageId: string, name: string): Promise<Looked> => {
  const found = await findAttachment({ folder, box: "outbox", messageId }, name, attachmentLimits.bytes);
  if (found.ok) return found;
  const { code, detail } = found.error;
  return { ok: false, reason: reasons[code] ?? detail };
};

const reasons: Readonly<Record<string, string>> = {
  "unsafe-id": "the message's id has parts of a path",
  "unsafe-name": "its name leads elsewhere, or is hidden",
  "unsafe-place": "a link or something else that is no plain file stands there",
  missing: "it is not in the outbox of that message",
};

/** As context: it has it with its next message. Told again, it is known. */
const tell = async (
  context: LoopContext,
  session: HeldSession,
  id: string,
  lines: readonly string[],
): Promise<boolean> => {
  const told = await session.end.send([
    hostRow({
      ...{ id: `files-${id}`, kind: "chat", timestamp: context.now(), trigger: false },
      content: { text: lines.join("\n"), system: true },
    }),
  ]);
  if (!told.ok) return false;
  if (told.value.written > 0)
    context.log("attachment-not-sent", { session: session.id, id, reason: lines.join(" ") });
  return true;
};

/** Removes the files of a message that was delivered, or given up. */
export const removeSent = (
  context: LoopContext,
  { folder, id: session }: HeldSession,
  message: Undelivered,
): void => {
  if (namedFiles(message.content).length === 0) return;
  const removed = removeAttachments({ folder, box: "outbox", messageId: message.id });
  if (!removed.ok && removed.error.code === "unusable")
    context.log("attachment-not-removed", { session, id: message.id, reason: removed.error.detail });
};

/**
 * Removes what a runner or a host that was killed left in the outbox of a session without a container. False
 * where some of it may still have to be delivered.
 */
export const clearOutbox = ({ folder, end }: HeldSession): boolean => {
  if (!hasAttachments(folder, "outbox")) return true;
  return !end.glance().mayHaveNews && clearAttachments(folder, "outbox").ok;
};
