export {
  type LockError,
  type LockWait,
  type LookReason,
  stateLock,
  type Stop,
  waitForLockGone,
  watchEntry,
} from "./cli-lock.ts";
export { endAgent, endGroup, exitOf, lastOutputMs, shellCode } from "./end-agent.ts";
export { endFrozen } from "./end-frozen.ts";
export { hasEnded, type ProcessIdentity, processIdentityIn, thisProcess } from "./process-identity.ts";
export { processTable } from "./table/this-process-table.ts";
