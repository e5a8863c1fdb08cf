/** How long the outcomes of approvals and intents are kept, ms. */
const keptFor = 90 * 24 * 60 * 60 * 1000;

/** What ended at this time or before it is deleted. Times are ISO 8601, UTC. */
export const forgetUntil = (now: string): string => new Date(Date.parse(now) - keptFor).toISOString();
