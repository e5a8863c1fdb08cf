export { consoleApp } from "./console-app.ts";
export { eventStreams } from "./event-streams.ts";
export { signIns } from "./sign-ins.ts";
export { makeConsole, type Console } from "./serve-console.ts";
export type { DoctorResult } from "./pages/health.ts";
