import type { Settle } from "@gatehouse/control-plane";
import { responseFrame, type ResponseFrame } from "@nc/cli-scope";
import type { Delivery, InboundMessage, Json, Undelivered } from "@nc/session-db";
import type { LoopContext } from "../context.ts";
import type { Sent } from "./sent.ts";
import type { HeldSession } from "../held/held-session.ts";
import { hostRow } from "../held/host-row.ts";
import { fieldOf } from "./text-of.ts";

/** What the runner makes: nothing else is carried into an id. */
const requestForm = /^[\w.:-]{1,100}$/;

/**
 * Runs one command of `ncl` in a container, at most once. What it changes, and its answer, are one transaction; of one
 * whose answer comes later the mark that it was begun is in the transaction of its intent. After a crash such a one is
 * answered with an error, since its outcome is not known.
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
    const written = await session.end.acknowledge([ended(id, "delivered", context.now())], [answer]);
    if (!written.ok) return session.tell({ type: "refused", at: Date.now(), error: written.error });
    session.outbox.answers.delete(id);
  }
  const isOk = fieldOf(fieldOf(answer.content, "frame") ?? null, "ok") === true;
  context.log("command-answered", { session: session.id, request: request.requestId, ok: isOk });
  await context.lookForNotes();
};

const ended = (id: string, status: "delivered" | "claimed", at: string): Delivery => ({
  ...{ id, status, at },
  platformMessageId: null,
});

type Answered = {
  readonly answer: InboundMessage;
  /** It was written in the transaction of its command. */
  readonly isWritten: boolean;
};

const answerTo = async (
  { answerAgent, now, report }: LoopContext,
  session: HeldSession,
  { id, wasClaimed }: Undelivered,
  { requestId, frame }: Request,
): Promise<Answered> => {
  if (wasClaimed) {
    const unknown = unknownOutcome(frame, "The host ended while it ran this command.");
    return { answer: responseOf(requestId, unknown, now()), isWritten: false };
  }
  const settled: { readonly text: string; readonly noteCommit: () => void }[] = [];
  const settle: Settle = async (transaction, reply) => {
    const response = reply === null ? null : responseFrame(idOf(frame), { ok: true, value: reply });
    const done = await session.end.acknowledgeIn(
      transaction,
      [ended(id, response === null ? "claimed" : "delivered", now())],
      response === null ? [] : [responseOf(requestId, response, now())],
    );
    if (done.ok) settled.push({ text: JSON.stringify(response), noteCommit: done.value });
    return done.ok;
  };
  const asked = await answerAgent(session, frame, settle).catch((error: unknown) => {
    report(error);
    return unknownOutcome(frame, "The host failed on this command. That is a bug in gatehouse.");
  });
  const answer = responseOf(requestId, asked, now());
  const text = JSON.stringify(asked);
  for (const { noteCommit } of settled) noteCommit();
  // If the transaction was rolled back, the command has another answer.
  const isWritten = settled.some((one) => one.text === text);
  return { answer, isWritten };
};

const idOf = (frame: Json): string => {
  const id = fieldOf(frame, "id");
  return typeof id === "string" ? id : "";
};

const unknownOutcome = (frame: Json, why: string): ResponseFrame => ({
  id: idOf(frame),
  ok: false,
  error: {
    code: "handler-error",
    message: `${why} Check whether it was carried out before you repeat it.`,
  },
});

const responseOf = (requestId: string, frame: ResponseFrame, at: string): InboundMessage =>
  hostRow({
    id: `cli-${requestId}`,
    kind: "system",
    timestamp: at,
    content: { type: "cli_response", requestId, frame: frame as unknown as Json },
    trigger: false,
  });
