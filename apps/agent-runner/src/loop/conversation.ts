import type { AgentSide } from "@nc/session-db";
import type { Calls } from "./calls.ts";

/** The key of a provider's conversation. A group may change its provider and change it back. */
const keyOf = (provider: string): string => `continuation:${provider}`;

/** The key of older versions, which had one conversation for all providers. */
const oldKey = "sdk_session_id";

/** The conversation of one provider, stored for the next container. */
export type Conversation = {
  /** The conversation to resume; null if there is none. */
  readonly load: () => Promise<string | null>;
  readonly keep: (conversation: string | null) => Promise<void>;
};

/**
 * Opens the conversation of a provider. An old shared conversation moves to the first provider that is
 * opened.
 */
export const openConversation = (
  provider: string,
  side: Pick<AgentSide, "get" | "set">,
  calls: Calls,
): Conversation => {
  const key = keyOf(provider);
  let kept: string | null = null;
  /** Writes go one after the other: an order may clear what a turn is still keeping. */
  let writing: Promise<void> = Promise.resolve();
  const get = async (from: string): Promise<string | null> => {
    const value = await calls.persist(() => side.get(from));
    return typeof value === "string" && value !== "" ? value : null;
  };
  const set = async (to: string, value: string | null): Promise<void> => {
    await calls.persist(() => side.set(to, value ?? undefined, calls.now()));
  };
  return {
    load: async () => {
      kept = await get(key);
      const old = await get(oldKey);
      if (old === null) return kept;
      if (kept === null) await set(key, old);
      await set(oldKey, null);
      kept ??= old;
      return kept;
    },
    keep: (conversation) =>
      (writing = writing.then(async () => {
        if (conversation === kept) return;
        await set(key, conversation);
        kept = conversation;
      })),
  };
};
