import { originOf } from "@gatehouse/session-rows";
import type { Progress } from "@gatehouse/session-rows/messages";
import { channelOf, type HostContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { placeIn, sessionFacts, senderNameOf } from "../leased/session-facts.ts";

/**
 * Shows what an agent is writing in the chat of the message that it answers. The place is looked up once for each
 * message; what cannot be shown is dropped, because the answer itself follows.
 */
export const showWriting = (context: HostContext, { id, side }: Pick<LeasedSession, "id" | "side">) => {
  let place: { readonly of: string; readonly found: ReturnType<typeof placeOf> } | null = null;
  const placeOf = async (messageId: string) => {
    const origin = await side.read(originOf(messageId));
    const facts = await sessionFacts(context.central.loop, id);
    const found = origin.ok ? placeIn(origin.value) : null;
    return found === null || facts === null ? null : { ...found, from: senderNameOf(facts.group) };
  };
  return ({ inReplyTo, text, waits }: Progress): void => {
    if (inReplyTo === null) return;
    if (place?.of !== inReplyTo) place = { of: inReplyTo, found: placeOf(inReplyTo) };
    place.found.then((found) => {
      if (found === null) return;
      const { channelType, platformId, threadId, from } = found;
      channelOf(context, channelType)?.writing?.({
        platformId,
        threadId,
        from,
        inReplyTo,
        text,
        ...(waits === true ? { waits } : {}),
      });
    }, context.report);
  };
};
