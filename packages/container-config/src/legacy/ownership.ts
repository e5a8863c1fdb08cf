import type { Scope } from "../scope.ts";

/** One chat that a group is wired to. */
export type WiredChat = {
  /** A direct message, not a room of several. */
  readonly isDirect: boolean;
  /** The person behind the direct messages; null if unknown. */
  readonly userId: string | null;
};

/** Whether only an owner writes to a group. `in-doubt`: an owner writes to it, and others do or may. */
export type Ownership = "owner" | "in-doubt" | "other";

/**
 * People who write to a group steer its agent. So a group is an owner's only if all its chats are direct
 * messages of owners. With another chat, or direct messages of an unknown person, the ownership is in doubt.
 */
export const ownershipOf = (chats: readonly WiredChat[], owners: ReadonlySet<string>): Ownership => {
  const ofOwner = chats.filter(({ isDirect, userId }) => isDirect && userId !== null && owners.has(userId));
  if (ofOwner.length > 0) return ofOwner.length === chats.length ? "owner" : "in-doubt";
  const ofNobodyKnows = chats.some(({ isDirect, userId }) => isDirect && userId === null);
  return ofNobodyKnows && owners.size > 0 ? "in-doubt" : "other";
};

/** The scope of a group that had none. In doubt it is the narrower one. */
export const scopeFor = (ownership: Ownership): Scope => (ownership === "owner" ? "global" : "group");
