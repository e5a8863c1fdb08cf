import type { Attachment } from "@gatehouse/channels";
import { visible } from "@gatehouse/std";
import { attachmentLimits, namedFiles, type Undelivered } from "@nc/session-db";
import { findFile, removeFiles, type RemovedFiles } from "@nc/session-db/node";
import { isOurs } from "../containers/instruct.ts";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { hostRow } from "../held/host-row.ts";

/** The files of a message of an agent. */
export type OutboxFiles = {
  readonly attachments: readonly Attachment[];
  /** Lines on those that cannot be sent, for whoever gets the message. */
  readonly leftOut: readonly string[];
};

/**
 * Looks at the files that an agent's message names. What is not a plain file of that message, or too large, is left
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
    const found = index < attachmentLimits.count ? await look(context, session, id, name) : tooMany;
    if (found.ok) attachments.push({ name, ...found.value });
    else leftOut.push(`The file ${visible(name).slice(0, longestName)} was not sent: ${found.reason}.`);
  }
  const lines = shortened(leftOut);
  const isTold = lines.length === 0 || (await tell(context, session, id, lines));
  return isTold ? { attachments, leftOut: lines } : null;
};

/** Files that are told of one by one: a message may name thousands. */
const mostTold = 10;

const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length <= mostTold
    ? lines
    : [...lines.slice(0, mostTold), `And ${lines.length - mostTold} more files were not sent.`];

/** Of the name of a file that is not there, characters that are told. */
const longestName = 200;

type Looked =
  | { readonly ok: true; readonly value: Omit<Attachment, "name"> }
  | { readonly ok: false; readonly reason: string };

const tooMany: Looked = { ok: false, reason: `a message has at most ${attachmentLimits.count} files` };

const look = async (
  { central }: LoopContext,
  { id: sessionId }: HeldSession,
  messageId: string,
  name: string,
): Promise<Looked> => {
  const found = await findFile(central.rows, { sessionId, box: "out", messageId }, name);
  if (found.ok) return found;
  const { code, detail } = found.error;
  return { ok: false, reason: reasons[code] ?? detail };
};

const reasons: Readonly<Record<string, string>> = {
  "unsafe-id": "the message's id has parts of a path",
  "unsafe-name": "its name leads elsewhere, or is hidden",
  missing: "it did not come with that message",
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

/** Removes the files of a message that was delivered, or given up. Nobody waits for it. */
export const removeSent = (context: LoopContext, session: HeldSession, message: Undelivered): void => {
  if (namedFiles(message.content).length > 0)
    void remove(context, session, { box: "out", messageId: message.id }).catch(context.report);
};

/**
 * Removes what a runner that was killed left behind no message, in a session without a container. False where some of it
 * may still have to be delivered.
 */
export const clearOutbox = async (context: LoopContext, session: HeldSession): Promise<boolean> => {
  if (session.end.glance().mayHaveNews) return false;
  await clearBox(context, session, "out");
  return true;
};

/** Removes the files of all messages of a box, if the session is still this host's. */
export const clearBox = async (
  context: LoopContext,
  session: HeldSession,
  box: "in" | "out",
): Promise<void> => {
  // Another host's runner may have sent more by now.
  if (await isOurs(context, session)) await remove(context, session, { box });
};

const remove = async (
  { central, log }: LoopContext,
  { id: sessionId }: HeldSession,
  files: Omit<RemovedFiles, "sessionId">,
): Promise<void> => {
  const removed = await removeFiles(central.rows, { ...files, sessionId });
  if (!removed.ok) log("attachment-not-removed", { session: sessionId, reason: removed.error.detail });
};
