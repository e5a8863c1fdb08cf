import { handleIn } from "@gatehouse/std";

/**
 * The platform id of the direct chat with a user, `<channel>:<handle>`, in the form of nanoclaw's channel adapters; null if only the
 * channel knows it.
 */
export const directChatOf = (userId: string): string | null =>
  handleIn("telegram", userId) === null ? handleIn("signal", userId) : userId;
