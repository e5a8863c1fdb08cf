export { locateWorkspace, type LocateError } from "./locate/locate-workspace.ts";
export {
  type ProbeContext,
  type ProbeQuestion,
  probeTrust,
  trustSnapshot,
  type TrustSnapshot,
} from "./probe-trust.ts";
export { readGrants } from "./read-grants.ts";
export { type Environment, readTrustedKeys, stateFile } from "./state-file.ts";
export { thisPlatform } from "./paths.ts";
export { stateLock, waitForLockGone, type LockError, type LockWait, type Stop } from "@gatehouse/processes";
export { watchTrust, type WatchQuestion } from "./watch-trust.ts";
