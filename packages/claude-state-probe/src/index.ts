export { isAtOrBelow, isRootPath } from "./covers.ts";
export { grantsFrom, type Grant, type GrantFile } from "./grants-from.ts";
export { judgeTrust, type TrustFacts } from "./judge-trust.ts";
export { explainDoubt, type KeyDoubt } from "./key-doubt.ts";
export { keyOf, type Platform } from "./keys.ts";
export type { Result } from "@gatehouse/std";
export type { TrustCode, TrustProbe } from "./trust-probe.ts";
export { versionAtLeast } from "./version.ts";
export { doubtOf, trustKey, type WorkspacePaths } from "./workspace-paths.ts";
