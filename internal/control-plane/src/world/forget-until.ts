/** How long the outcomes of approvals and intents are kept, ms. */
const keptFor = 90 * 24 * 60 * 60 * 1000;

/** Approvals and intents that ended at this time or before are deleted. Times are ISO 8601, UTC. */
export const forgetUntil = (now: string): string => new Date(Date.parse(now) - keptFor).toISOString();
