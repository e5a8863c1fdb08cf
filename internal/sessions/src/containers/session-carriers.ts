import type { Carrier } from "@gatehouse/control-plane";
import type { LoopContext } from "../context.ts";
import type { SessionHost } from "../session-host.ts";
import { rebuildCarrier, restartCarrier, stopCarrier, wakeCarrier } from "./restart.ts";

/** What commands ask of sessions, for the intents' loop. */
export const sessionCarriers = (context: LoopContext): SessionHost["carriers"] => ({
  wake: untilClosing(context, wakeCarrier(context)),
  restart: untilClosing(context, restartCarrier(context)),
  rebuild: untilClosing(context, rebuildCarrier(context)),
  stop: untilClosing(context, stopCarrier(context)),
});

/** What fails while the host closes may fail for that alone. It was not carried out: the next host tries it. */
const untilClosing =
  ({ phase }: LoopContext, carrier: Carrier): Carrier =>
  async (payload, intentId) => {
    const isClosing = (): boolean => phase.is === "closing";
    if (isClosing()) return null;
    const outcome = await carrier(payload, intentId).catch((error: unknown) => {
      if (isClosing()) return null;
      throw error;
    });
    return outcome?.ok !== true && isClosing() ? null : outcome;
  };
