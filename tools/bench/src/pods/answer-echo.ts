import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import type { OutboundMessage, ReceivedInbound } from "@gatehouse/session-rows/messages";
import { dialHost } from "@gatehouse/wire/runner";

/** As a runner's heartbeat, ms. */
const heartbeatMs = 25_000;

/** Most messages of a batch, as in a runner. */
const limit = 10;

/**
 * Answers each message of a session with its own text, with the calls that a runner makes, and without a runner's process.
 * Returns a function that ends it.
 */
export const answerEcho = (connect: () => Duplex, token: string): (() => Promise<void>) => {
  const side = dialHost({ connect, token });
  let isFirst = true;
  const answerNext = async (): Promise<void> => {
    const now = new Date().toISOString();
    const got = await side.receive({ isFirst, limit, now });
    if (!got.ok) return;
    isFirst = false;
    const ids = got.value.map(({ id }) => id);
    if (ids.length === 0) return;
    const acknowledgements = (status: "processing" | "completed") =>
      ids.map((id) => ({ id, status, reason: null }));
    const batch = randomUUID();
    await side.commit({ acknowledgements: acknowledgements("processing"), messages: [], now, batch });
    const messages = got.value.filter(({ trigger }) => trigger).map((message) => answerTo(message, now));
    await side.commit({ acknowledgements: acknowledgements("completed"), messages, now });
  };
  let working = Promise.resolve();
  side.onChange(() => void (working = working.then(answerNext)));
  const beat = setInterval(() => void side.heartbeat(), heartbeatMs);
  return async () => {
    clearInterval(beat);
    await side.close();
  };
};

const answerTo = (
  { id, content, channelType, platformId, threadId }: ReceivedInbound,
  timestamp: string,
): OutboundMessage => ({
  id: `${id}-answer`,
  inReplyTo: id,
  kind: "chat",
  timestamp,
  deliverAfter: null,
  channelType,
  platformId,
  threadId,
  content: { text: (content as { readonly text?: string }).text ?? "" },
});
