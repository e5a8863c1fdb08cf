import { type WaitsForVendor, waitingForVendor } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import { placeIn } from "../leased/session-facts.ts";
import { tellPlace } from "./tell.ts";

/**
 * Returns a function that tells each chat whose message waits long for the vendor of its agent's model. A chat is told
 * once for the messages that its agent has in work.
 */
export const vendorWaitTeller = (context: LoopContext): (() => Promise<void>) => {
  let told: ReadonlySet<string> = new Set();
  return async () => {
    const { central, leased, times } = context;
    const before = Date.now() - times.vendorWaitMs;
    const long = (await waitingForVendor(central.reading)).filter(
      ({ sessionId, since, claimedAt }) =>
        leased.get(sessionId) !== undefined && Date.parse(since) <= before && Date.parse(claimedAt) <= before,
    );
    const chats = new Set(long.filter((waits) => told.has(keyOf(waits))).map(chatOf));
    told = new Set(long.map(keyOf));
    for (const waits of long) {
      const session = leased.get(waits.sessionId);
      const place = placeIn(waits);
      if (session === undefined || place === null || chats.has(chatOf(waits))) continue;
      chats.add(chatOf(waits));
      const note = { id: `waits-${waits.messageId}`, text: textOf(waits), inReplyTo: null };
      await tellPlace(context, session, place, note);
    }
  };
};

const keyOf = ({ sessionId, messageId }: WaitsForVendor): string => JSON.stringify([sessionId, messageId]);

const chatOf = ({ sessionId, channelType, platformId, threadId }: WaitsForVendor): string =>
  JSON.stringify([sessionId, channelType, platformId, threadId]);

const textOf = ({ trouble, since, group }: WaitsForVendor): string =>
  `${trouble} since ${timeIn(group.timezone, since)}; the agent tries again by itself. /stop ends the wait.`;

/** `12:03`, in the timezone of a group; null is the host's. */
const timeIn = (timezone: string | null, at: string): string => {
  const format = { timeStyle: "short", ...(timezone === null ? {} : { timeZone: timezone }) } as const;
  return new Intl.DateTimeFormat("sv-SE", format).format(new Date(at));
};
