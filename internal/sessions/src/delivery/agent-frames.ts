import type { ResponseFrame } from "@nc/cli-scope";
import type { InboundMessage, Json, Undelivered } from "@nc/session-db";
import type { LoopContext } from "../context.ts";
import type { Sent } from "./sent.ts";
import type { HeldSession } from "../held/held-session.ts";
import { hostRow } from "../held/host-row.ts";
import { sendDurably } from "../held/send-durably.ts";
import { fieldOf } from "./text-of.ts";

/** What the runner makes: nothing else is carried into an id. */
const requestForm = /^[\w.:-]{1,100}$/;

/**
 * Runs one command of `ncl` in a container, at most once. It is marked as begun before it runs: after a crash
 * a marked one is answered with an error, since nobody knows whether it was carried out.
 */
export const answerCommand = async (
  context: LoopContext,
  session: HeldSession,
  message: Undelivered,
): Promise<Sent> => {
  const requestId = fieldOf(message.content, "requestId");
  const isRequest = fieldOf(message.content, "action") === "cli_request";
  if (!isRequest || typeof requestId !== "string" || !requestForm.test(requestId)) {
    context.log("message-failed", { session: session.id, id: message.id, reason: "no request of ncl" });
    return { how: "delivered", platformMessageId: null };
  }
  const frame = fieldOf(message.content, "frame") ?? null;
  session.commands.add(message.id);
  if (!message.wasClaimed) {
    const claimed = await session.end.acknowledge([
      { id: message.id, status: "claimed", platformMessageId: null, at: context.now() },
    ]);
    if (!claimed.ok) {
      session.commands.delete(message.id);
      if (claimed.error.code === "fenced") await context.held.lose(session, claimed.error.message);
      return { how: "later" };
    }
  }
  // A command may wait for as long as its act takes. The session's other messages do not wait for it.
  void run(context, session, message, requestId, frame)
    .catch(context.report)
    .finally(() => session.commands.delete(message.id));
  return { how: "running" };
};

const run = async (
  context: LoopContext,
  session: HeldSession,
  message: Undelivered,
  requestId: string,
  frame: Json,
): Promise<void> => {
  const answer = message.wasClaimed ? unknownOutcome(frame) : await context.answerAgent(session, frame);
  const at = context.now();
  if (!(await sendDurably(context, session, [responseOf(requestId, answer, at)]))) return;
  await session.end.acknowledge([{ id: message.id, status: "delivered", platformMessageId: null, at }]);
  context.log("command-answered", { session: session.id, request: requestId, ok: answer.ok });
  await context.lookForNotes();
};

const unknownOutcome = (frame: Json): ResponseFrame => {
  const id = fieldOf(frame, "id");
  return {
    id: typeof id === "string" ? id : "",
    ok: false,
    error: {
      code: "handler-error",
      message:
        "The host ended while it ran this command. Look whether it was carried out before you repeat it.",
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
