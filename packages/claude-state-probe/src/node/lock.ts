export { stateLock, waitForLockGone, type LockError, type LockWait } from "@gatehouse/processes";
