/** A channel whose ids of people have a known form. */
type ChannelRow = {
  /** The handles of people. */
  readonly handle: RegExp;
  readonly example: string;
  /** The platform id of the direct chat with a handle; null if the platform gives that chat its own id. */
  readonly directChat: ((handle: string) => string) | null;
};

/**
 * The channels whose ids are known. On others (Teams) the host takes each handle, and learns the id of a direct chat by asking. The
 * ids have the form that nanoclaw's channel adapters write (its src/platform-id.ts, read in November 2026).
 */
const channels: Readonly<Record<string, ChannelRow>> = {
  telegram: {
    handle: /^\d+$/,
    example: "telegram:123456",
    directChat: (handle) => `telegram:${handle}`,
  },
  signal: { handle: /^\+\d+$/, example: "signal:+4930123456", directChat: (handle) => handle },
  slack: { handle: /^T[A-Z0-9]+:[UW][A-Z0-9]+$/, example: "slack:T1:U2", directChat: null },
  discord: { handle: /^\d+$/, example: "discord:80351110224678912", directChat: null },
};

const parted = (userId: string): { readonly channel: string; readonly handle: string } => {
  const colon = userId.indexOf(":");
  return { channel: userId.slice(0, colon), handle: userId.slice(colon + 1) };
};

/**
 * The platform id of the direct chat with a user, `<channel>:<handle>`; null if only the channel knows it.
 */
export const directChatOf = (userId: string): string | null => {
  const { channel, handle } = parted(userId);
  const row = channels[channel];
  return row?.handle.test(handle) === true ? (row.directChat?.(handle) ?? null) : null;
};

/** The problem of a user's id, as a sentence; null if it is valid. */
export const userIdProblem = (userId: string): string | null => {
  const named = JSON.stringify(userId);
  if (!/^[a-z][a-z0-9-]*:[^\s\p{C}]+$/u.test(userId))
    return `${named} is no user: it is CHANNEL:HANDLE, as in telegram:123456.`;
  const { channel, handle } = parted(userId);
  const row = channels[channel];
  return row === undefined || row.handle.test(handle)
    ? null
    : `${named} is no user: ${channel} knows people by an id, as in ${row.example}.`;
};
