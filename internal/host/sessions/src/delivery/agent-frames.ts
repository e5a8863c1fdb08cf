import { fieldsOf, textOf } from "@gatehouse/std";
import type { Settle } from "@gatehouse/dispatch";
import { responseFrame, type ResponseFrame } from "@nc/cli-scope";
import { settle } from "@gatehouse/session-rows";
import type { Delivery, InboundMessage, Json, Undelivered } from "@gatehouse/session-rows/messages";
import type { LoopContext } from "../context.ts";
import type { Sent } from "./outbox.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hostRow } from "@gatehouse/session-rows/messages";

/** The form of ids that a runner makes. Other text is not put into an id. */
const requestForm = /^[\w.:-]{1,100}$/;

/**
 * Runs one command of `ncl` from a container, at most once. The effect of a command and its answer are
 * committed together. A command whose answer comes later is marked as claimed in the transaction of its
 * intent. After a crash a claimed command is answered with an error, because its outcome is unknown.
 */
export const answerCommand = async (
  context: LoopContext,
  session: LeasedSession,
  message: Undelivered,
): Promise<Sent> => {
  const requestId = fieldsOf(message.content)["requestId"];
  const isRequest = fieldsOf(message.content)["action"] === "cli_request";
  if (!isRequest || typeof requestId !== "string" || !requestForm.test(requestId)) {
    context.log("message-failed", { session: session.id, id: message.id, reason: "not a request of ncl" });
    return { how: "delivered", platformMessageId: null };
  }
  const frame = (fieldsOf(message.content)["frame"] ?? null) as Json;
  session.outbox.commands.add(message.id);
  // A command may take as long as its act. The session's other messages do not wait for it.
  void answerOnce(context, session, message, { requestId, frame })
    .catch(context.report)
    .finally(() => session.outbox.commands.delete(message.id));
  return { how: "running" };
};

type Request = { readonly requestId: string; readonly frame: Json };

/** If an answer cannot be written, it is kept in memory and written later; the command does not run again. */
const answerOnce = async (
  context: LoopContext,
  session: LeasedSession,
  message: Undelivered,
  request: Request,
): Promise<void> => {
  const { id } = message;
  const kept = session.outbox.answers.get(id);
  const { answer, isWritten } =
    kept === undefined
      ? await answerTo(context, session, message, request)
      : { answer: kept, isWritten: false };
  if (!isWritten) {
    session.outbox.answers.set(id, answer);
    const written = await session.side.transact(settle([ended(id, "delivered", context.now())], [answer]));
    if (!written.ok) return session.dispatch({ type: "refused", at: Date.now(), error: written.error });
    session.outbox.answers.delete(id);
  }
  const isOk = fieldsOf(fieldsOf(answer.content)["frame"])["ok"] === true;
  context.log("command-answered", { session: session.id, request: request.requestId, ok: isOk });
  await context.followApprovals();
};

const ended = (id: string, status: "delivered" | "claimed", at: string): Delivery => ({
  id,
  status,
  at,
  platformMessageId: null,
});

type Answered = {
  readonly answer: InboundMessage;
  /** True if the answer was written in the transaction of its command. */
  readonly isWritten: boolean;
};

const answerTo = async (
  { answerAgent, now, report }: LoopContext,
  session: LeasedSession,
  { id, wasClaimed }: Undelivered,
  { requestId, frame }: Request,
): Promise<Answered> => {
  if (wasClaimed) {
    const unknown = unknownOutcome(frame, "The host ended while it ran this command.");
    return { answer: responseOf(requestId, unknown, now()), isWritten: false };
  }
  const settled: { readonly text: string; readonly committed: () => void }[] = [];
  const settleIn: Settle = async (transaction, reply) => {
    const response = reply === null ? null : responseFrame(idOf(frame), { ok: true, value: reply });
    const done = await session.side.transactIn(
      transaction,
      settle(
        [ended(id, response === null ? "claimed" : "delivered", now())],
        response === null ? [] : [responseOf(requestId, response, now())],
      ),
    );
    if (done.ok) settled.push({ text: JSON.stringify(response), committed: done.value.committed });
    return done.ok;
  };
  const asked = await answerAgent(session, frame, settleIn).catch((error: unknown) => {
    report(error);
    return unknownOutcome(frame, "The host failed on this command. That is a bug in gatehouse.");
  });
  const answer = responseOf(requestId, asked, now());
  const text = JSON.stringify(asked);
  for (const { committed } of settled) committed();
  // If that transaction was rolled back, the command has another answer.
  const isWritten = settled.some((one) => one.text === text);
  return { answer, isWritten };
};

const idOf = (frame: Json): string => textOf(fieldsOf(frame)["id"]);

const unknownOutcome = (frame: Json, why: string): ResponseFrame => ({
  id: idOf(frame),
  ok: false,
  error: {
    code: "handler-error",
    message: `${why} Check whether it was carried out before you repeat it.`,
  },
});

/** Without the id of an approval: it ends with the code with which a person answers the card. */
const forAgent = (frame: ResponseFrame): ResponseFrame => {
  if (frame.ok || frame.error.approvalId === undefined) return frame;
  const { code, message } = frame.error;
  return { ...frame, error: { code, message } };
};

const responseOf = (requestId: string, frame: ResponseFrame, at: string): InboundMessage =>
  hostRow({
    id: `cli-${requestId}`,
    kind: "system",
    timestamp: at,
    content: { type: "cli_response", requestId, frame: forAgent(frame) as unknown as Json },
    trigger: false,
  });
