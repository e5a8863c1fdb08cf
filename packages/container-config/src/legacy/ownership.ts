import type { Scope } from "../choices.ts";

/** One chat that a group is wired to. */
export type WiredChat = {
  /** True for direct messages, false for a room of several people. */
  readonly isDirect: boolean;
  /** The person behind the direct messages; null if unknown. */
  readonly userId: string | null;
};

/** `owner`: only owners write to the group. `in-doubt`: an owner writes to it, and others do or may. */
export type Ownership = "owner" | "in-doubt" | "other";

/**
 * People who write to a group steer its agent. So a group is an owner's only if all its chats are direct
 * messages of owners. With another chat, or direct messages of an unknown person, the ownership is in doubt.
 */
export const ownershipOf = (chats: readonly WiredChat[], owners: ReadonlySet<string>): Ownership => {
  const ofOwner = chats.filter(({ isDirect, userId }) => isDirect && userId !== null && owners.has(userId));
  if (ofOwner.length > 0) return ofOwner.length === chats.length ? "owner" : "in-doubt";
  const hasUnknownPerson = chats.some(({ isDirect, userId }) => isDirect && userId === null);
  return hasUnknownPerson && owners.size > 0 ? "in-doubt" : "other";
};

/** The scope of a group that had none. In doubt, the narrower scope. */
export const scopeFor = (ownership: Ownership): Scope => (ownership === "owner" ? "global" : "group");
