export { sessionHost } from "./host.ts";
export { type UnansweredMessages, unansweredMessages } from "./unanswered-messages.ts";
export type { SessionHost, SessionHostOptions } from "./session-host.ts";
