/** The ids of people on a platform: the handle in `<platform>:<handle>`. */
export type PersonIds = { readonly form: RegExp; readonly example: string };

type KnownPlatform = "telegram" | "signal" | "slack" | "discord";

/**
 * The platforms whose ids of people have a known form. On others (`local`, Teams) each text is one. The ids are those that
 * nanoclaw's channel adapters write (its src/platform-id.ts, read in November 2026). Telegram's are numbers of at most 52 bits
 * (https://core.telegram.org/bots/api#user), Discord's of 64 bits (https://docs.discord.com/developers/reference#snowflakes).
 */
export const personIds: Readonly<Record<KnownPlatform, PersonIds>> = {
  telegram: { form: /^[1-9]\d{0,15}$/, example: "telegram:123456" },
  signal: { form: /^\+\d+$/, example: "signal:+4930123456" },
  slack: { form: /^T[A-Z0-9]{1,20}:[UW][A-Z0-9]{1,20}$/, example: "slack:T1:U2" },
  discord: { form: /^[1-9]\d{14,19}$/, example: "discord:80351110224678912" },
};

const parted = (userId: string): { readonly platform: string; readonly handle: string } => {
  const colon = userId.indexOf(":");
  return { platform: userId.slice(0, colon), handle: userId.slice(colon + 1) };
};

/** The handle of a user of this platform; null for any other text. */
export const handleIn = (platform: KnownPlatform, userId: string): string | null => {
  const { platform: of, handle } = parted(userId);
  return of === platform && personIds[platform].form.test(handle) ? handle : null;
};

/** The problem of a user's id, as a sentence; null if it is valid. */
export const userIdProblem = (userId: string): string | null => {
  const named = JSON.stringify(userId);
  if (!/^[a-z][a-z0-9_-]*:[^\s:\p{C}][^\s\p{C}]*$/u.test(userId))
    return `${named} is no user: it is CHANNEL:HANDLE, as in ${personIds.telegram.example}.`;
  const { platform, handle } = parted(userId);
  const known: PersonIds | undefined = Object.hasOwn(personIds, platform)
    ? personIds[platform as KnownPlatform]
    : undefined;
  return known === undefined || known.form.test(handle)
    ? null
    : `${named} is no user: ${platform} knows people by an id, as in ${known.example}.`;
};
