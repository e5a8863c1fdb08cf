import type { IntentHandler, IntentKind } from "@gatehouse/intents";
import type { LoopContext } from "../context.ts";
import type { SessionHost } from "../session-host.ts";
import { installHandler } from "./install.ts";
import { rebuildHandler } from "./rebuild.ts";
import { restartHandler, stopHandler, wakeHandler } from "./restart.ts";

/** Carries out the intents of commands about sessions. */
export const sessionHandlers = (context: LoopContext): SessionHost["handlers"] => ({
  wake: untilClosing(context, wakeHandler(context)),
  restart: untilClosing(context, restartHandler(context)),
  rebuild: untilClosing(context, rebuildHandler(context)),
  install: untilClosing(context, installHandler(context)),
  stop: untilClosing(context, stopHandler(context)),
});

/**
 * An error while the host closes may come from the closing. The intent then counts as not carried out, and
 * the next host tries it.
 */
const untilClosing =
  <Kind extends IntentKind>({ phase }: LoopContext, handler: IntentHandler<Kind>): IntentHandler<Kind> =>
  async (payload, intentId) => {
    const isClosing = (): boolean => phase.is === "closing";
    if (isClosing()) return null;
    const outcome = await handler(payload, intentId).catch((error: unknown) => {
      if (isClosing()) return null;
      throw error;
    });
    return outcome?.ok !== true && isClosing() ? null : outcome;
  };
