import type { LaunchError, LaunchRun, LaunchState, MemberReport } from "../lifecycle/launch-run.ts";
import type { WorkspaceTrustPreflight } from "./workspace-trust-preflight.ts";

/** What is kept of a launch that failed, one file each, for whoever has to find out why. */
export type LaunchArtifact = {
  readonly version: 1;
  readonly launch: Omit<LaunchRun, "members">;
  readonly state: LaunchState;
  readonly error: LaunchError;
  readonly members: readonly MemberReport[];
  readonly flags: { readonly workspaceTrustPreflight: WorkspaceTrustPreflight };
};

/** Redacts every text of a document. Names of fields are ours, and stay. */
export const redacted = <T>(document: T, redact: (text: string) => string): T => walk(document, redact) as T;

const walk = (value: unknown, redact: (text: string) => string): unknown => {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, redact)]));
};
