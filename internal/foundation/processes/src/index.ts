export { stateLock } from "./cli-lock/state-lock.ts";
export { waitForLockGone, type LockError, type LockWait } from "./cli-lock/wait-for-lock-gone.ts";
export { watchEntry, type LookReason, type Stop } from "./cli-lock/watch-entry.ts";
export { endAgent, endGroup, exitOf, lastOutputMs } from "./end-agent.ts";
export { endFrozen } from "./end-frozen.ts";
export { hasEnded, type ProcessIdentity, processIdentityIn, thisProcess } from "./process-identity.ts";
export { statOf } from "./table/linux-table.ts";
export { shellCode } from "./shell-code.ts";
export { processTable } from "./table/this-process-table.ts";
