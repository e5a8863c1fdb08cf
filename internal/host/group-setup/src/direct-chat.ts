/**
 * Channels on which the id of a person's direct chat can be computed from the person's handle, and how. On other channels (Discord, Slack, Teams) the platform gives that chat its own id, which the host
 * learns only by asking. The ids have the form that nanoclaw's channel adapters write (its
 * src/platform-id.ts, read in November 2026).
 */
const direct: Readonly<Record<string, (handle: string) => string | null>> = {
  telegram: (handle) => (/^\d+$/.test(handle) ? `telegram:${handle}` : null),
  signal: (handle) => (/^\+\d+$/.test(handle) ? handle : null),
};

/**
 * The platform id of the direct chat with a user, `<channel>:<handle>`; null if only the channel knows it.
 */
export const directChatOf = (userId: string): string | null => {
  const colon = userId.indexOf(":");
  return direct[userId.slice(0, colon)]?.(userId.slice(colon + 1)) ?? null;
};

/** The problem of a user's id, as a sentence; null if it is valid. */
export const userIdProblem = (userId: string): string | null =>
  /^[a-z][a-z0-9-]*:[^\s\p{C}]+$/u.test(userId)
    ? null
    : `${JSON.stringify(userId)} is no user: it is CHANNEL:HANDLE, as in telegram:123456.`;
