export { createGuard, type Guard } from "./guard.ts";
export { openPty, type PtyError, type PtyOptions } from "./open-pty.ts";
export { systemClock } from "./system-clock.ts";
