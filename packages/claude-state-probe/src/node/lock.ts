export { stateLock } from "./state-file.ts";
export { waitForLockGone, type LockError, type LockWait } from "./wait-for-lock-gone.ts";
