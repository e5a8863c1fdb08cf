export { sessionHost } from "./host.ts";
export type { SessionHost, SessionHostOptions } from "./session-host.ts";
