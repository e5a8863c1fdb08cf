import type { AgentEnd } from "@nc/session-db";
import type { Calls } from "./calls.ts";

/** The place of a provider's conversation. One agent group may change its provider and change it back. */
const keyOf = (provider: string): string => `continuation:${provider}`;

/** Where a conversation was kept before there was a place for each provider. */
const oldKey = "sdk_session_id";

/** The conversation of one provider, kept for the next container. */
export type Conversation = {
  /** The conversation to resume; null if there is none. */
  readonly load: () => Promise<string | null>;
  readonly keep: (conversation: string | null) => Promise<void>;
};

/** Opens the place of a provider's conversation. An old single one moves into the first that is opened. */
export const openConversation = (
  provider: string,
  end: Pick<AgentEnd, "get" | "set">,
  calls: Calls,
): Conversation => {
  const key = keyOf(provider);
  let kept: string | null = null;
  const get = async (from: string): Promise<string | null> => {
    const value = await calls.persist(() => end.get(from));
    return typeof value === "string" && value !== "" ? value : null;
  };
  const set = async (to: string, value: string | null): Promise<void> => {
    await calls.persist(() => end.set(to, value ?? undefined, calls.now()));
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
    keep: async (conversation) => {
      if (conversation === kept) return;
      await set(key, conversation);
      kept = conversation;
    },
  };
};
