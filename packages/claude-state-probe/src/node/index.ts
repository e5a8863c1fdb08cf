export { locateWorkspace, type LocateError } from "./locate/locate-workspace.ts";
export { probeTrust, type ProbeContext, type ProbeQuestion } from "./probe-trust.ts";
export { readGrants } from "./read-grants.ts";
export { readTrustedKeys } from "./read-trusted-keys.ts";
export { stateFile, stateLock, type Environment } from "./state-file.ts";
export { waitForLockGone, type LockError, type LockWait } from "./wait-for-lock-gone.ts";
export { trustSnapshot, type TrustSnapshot } from "./trust-snapshot.ts";
export type { Stop } from "./watch-entry.ts";
export { watchTrust, type WatchQuestion } from "./watch-trust.ts";
