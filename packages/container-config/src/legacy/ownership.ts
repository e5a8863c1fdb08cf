import type { Scope } from "../scope.ts";

/** One chat that a group is wired to. */
export type WiredChat = {
  /** A direct message, not a room of several. */
  readonly isDirect: boolean;
  /** Whose direct messages they are; null where nothing says so. */
  readonly userId: string | null;
};

/** Whether a group is an owner's own. `in-doubt`: an owner writes to it, but others do, or may, as well. */
export type Ownership = "owner" | "in-doubt" | "other";

/**
 * Who writes to a group steers its agent. So it is an owner's own only if all its chats are direct messages of owners; a
 * chat beside them, or direct messages of nobody knows whom, leave a doubt.
 */
export const ownershipOf = (chats: readonly WiredChat[], owners: ReadonlySet<string>): Ownership => {
  const ofOwner = chats.filter(({ isDirect, userId }) => isDirect && userId !== null && owners.has(userId));
  if (ofOwner.length > 0) return ofOwner.length === chats.length ? "owner" : "in-doubt";
  const ofNobodyKnows = chats.some(({ isDirect, userId }) => isDirect && userId === null);
  return ofNobodyKnows && owners.size > 0 ? "in-doubt" : "other";
};

/** What a group gets that had no scope so far: in doubt the narrower. */
export const scopeFor = (ownership: Ownership): Scope => (ownership === "owner" ? "global" : "group");
