import type { AgentSide } from "@gatehouse/session-rows/messages";
import type { Calls } from "./calls.ts";

/** The key of a provider's conversation. A group may change its provider and change it back. */
const keyOf = (provider: string): string => `continuation:${provider}`;

/** The conversation of one provider, stored for the next container. */
export type Conversation = {
  /** The conversation to resume; null if there is none. */
  readonly load: () => Promise<string | null>;
  readonly keep: (conversation: string | null) => Promise<void>;
};

/** Opens the conversation of a provider. */
export const openConversation = (
  provider: string,
  side: Pick<AgentSide, "get" | "set">,
  calls: Calls,
): Conversation => {
  const key = keyOf(provider);
  let kept: string | null = null;
  /** Writes go one after the other: an order may clear what a turn is still keeping. */
  let writing: Promise<void> = Promise.resolve();
  return {
    load: async () => {
      const value = await calls.persist(() => side.get(key));
      kept = typeof value === "string" && value !== "" ? value : null;
      return kept;
    },
    keep: (conversation) =>
      (writing = writing.then(async () => {
        if (conversation === kept) return;
        await calls.persist(() => side.set(key, conversation ?? undefined, calls.now()));
        kept = conversation;
      })),
  };
};
