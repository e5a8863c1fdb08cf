import type { Acknowledgement } from "@nc/session-db";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { tellChat } from "./tell.ts";

/** Tells the session's chat of messages that will not be answered. */
export const tellFailed = async (
  context: LoopContext,
  session: HeldSession,
  failed: readonly Acknowledgement[],
): Promise<void> => {
  for (const { id, status, reason } of failed) {
    if (status !== "failed") continue;
    context.log("message-failed", { session: session.id, id, reason });
    await tellChat(context, session.id, {
      id: `failed-${id}`,
      text: `This message could not be answered: ${reason ?? "the agent ended each time it had it"}`,
      inReplyTo: id,
      failed: true,
    });
  }
};
