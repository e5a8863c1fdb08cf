/** Time for which approvals and intents are kept after their end, ms. */
const keptFor = 90 * 24 * 60 * 60 * 1000;

/** The latest end of approvals and intents that are deleted. Both times are ISO 8601, UTC. */
export const forgetUntil = (now: string): string => new Date(Date.parse(now) - keptFor).toISOString();
