import type { ResponseFrame } from "@nc/cli-scope";
import type { InboundMessage, Json, Undelivered } from "@nc/session-db";
import type { LoopContext } from "../context.ts";
import type { Sent } from "./sent.ts";
import type { HeldSession } from "../held/held-session.ts";
import { hostRow } from "../held/host-row.ts";
import { fieldOf } from "./text-of.ts";

/** What the runner makes: nothing else is carried into an id. */
const requestForm = /^[\w.:-]{1,100}$/;

/**
 * Runs one command of `ncl` in a container, at most once. It is marked as begun before it runs: after a crash
 * a marked one is answered with an error, since nobody knows whether it was carried out. One that only reads
 * may run again, and costs no commit for a mark.
 */
export const answerCommand = async (
  context: LoopContext,
  session: HeldSession,
  message: Undelivered,
): Promise<Sent> => {
  const requestId = fieldOf(message.content, "requestId");
  const isRequest = fieldOf(message.content, "action") === "cli_request";
  if (!isRequest || typeof requestId !== "string" || !requestForm.test(requestId)) {
    context.log("message-failed", { session: session.id, id: message.id, reason: "not a request of ncl" });
    return { how: "delivered", platformMessageId: null };
  }
  const frame = fieldOf(message.content, "frame") ?? null;
  session.outbox.commands.add(message.id);
  const needsMark = !message.wasClaimed && context.isRead?.(frame) !== true;
  if (needsMark && !session.outbox.answers.has(message.id)) {
    const claimed = await session.end.acknowledge([
      { id: message.id, status: "claimed", platformMessageId: null, at: context.now() },
    ]);
    if (!claimed.ok) {
      session.outbox.commands.delete(message.id);
      if (claimed.error.code === "fenced") await session.tell({ type: "lost", why: claimed.error.message });
      return { how: "later" };
    }
  }
  // A command may wait for as long as its act takes. The session's other messages do not wait for it.
  void answerOnce(context, session, message, { requestId, frame })
    .catch(context.report)
    .finally(() => session.outbox.commands.delete(message.id));
  return { how: "running" };
};

type Request = { readonly requestId: string; readonly frame: Json };

/** An answer that cannot be written down is kept: the command does not run again for it. */
const answerOnce = async (
  context: LoopContext,
  session: HeldSession,
  { id, wasClaimed }: Undelivered,
  request: Request,
): Promise<void> => {
  const answer = session.outbox.answers.get(id) ?? (await answerTo(context, session, request, wasClaimed));
  session.outbox.answers.set(id, answer);
  const at = context.now();
  const written = await session.end.acknowledge(
    [{ id, status: "delivered", platformMessageId: null, at }],
    [answer],
  );
  if (!written.ok) return session.tell({ type: "refused", at: Date.now(), error: written.error });
  session.outbox.answers.delete(id);
  const { requestId } = request;
  const isOk = fieldOf(fieldOf(answer.content, "frame") ?? null, "ok") === true;
  context.log("command-answered", { session: session.id, request: requestId, ok: isOk });
  await context.lookForNotes();
};

const answerTo = async (
  { answerAgent, now, report }: LoopContext,
  session: HeldSession,
  { requestId, frame }: Request,
  wasClaimed: boolean,
): Promise<InboundMessage> => {
  const asked = wasClaimed
    ? unknownOutcome(frame, "The host ended while it ran this command.")
    : await answerAgent(session, frame).catch((error: unknown) => {
        report(error);
        return unknownOutcome(frame, "The host failed on this command. That is a bug in gatehouse.");
      });
  return responseOf(requestId, asked, now());
};

const unknownOutcome = (frame: Json, why: string): ResponseFrame => {
  const id = fieldOf(frame, "id");
  return {
    id: typeof id === "string" ? id : "",
    ok: false,
    error: {
      code: "handler-error",
      message: `${why} Check whether it was carried out before you repeat it.`,
    },
  };
};

const responseOf = (requestId: string, frame: ResponseFrame, at: string): InboundMessage =>
  hostRow({
    id: `cli-${requestId}`,
    kind: "system",
    timestamp: at,
    content: { type: "cli_response", requestId, frame: frame as unknown as Json },
    trigger: false,
  });
