export { isAtOrBelow, isRootPath, keyOf, type Platform } from "./keys.ts";
export { grantsFrom, type Grant, type GrantFile } from "./grants-from.ts";
export { judgeTrust, type TrustFacts } from "./judge-trust.ts";
export { doubtOf, explainDoubt, type KeyDoubt, trustKey, type WorkspacePaths } from "./workspace-paths.ts";
export type { Result } from "@gatehouse/std";
export type { TrustCode, TrustProbe } from "./trust-probe.ts";
export { versionAtLeast } from "./version.ts";
