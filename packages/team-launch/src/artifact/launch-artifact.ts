import type { LaunchError, LaunchRun, LaunchState, MemberReport } from "../lifecycle/launch-run.ts";
import { artifactLimits, type WorkspaceTrustPreflight } from "./workspace-trust-preflight.ts";

/** What is kept of a launch that failed, one file each, for whoever has to find out why. */
export type LaunchArtifact = {
  readonly version: 1;
  readonly launch: Omit<LaunchRun, "members">;
  readonly state: LaunchState;
  readonly error: LaunchError;
  readonly members: readonly MemberReport[];
  readonly flags: { readonly workspaceTrustPreflight: WorkspaceTrustPreflight };
};

/** Redacts every text of a document, and shortens its sentences. Names of fields are ours, and stay. */
export const redacted = <T>(document: T, redact: (text: string) => string): T => walk(document, redact) as T;

/** The fields whose texts are sentences. One of an agent that has ended quotes the last rows of its screen. */
const sentences: ReadonlySet<string> = new Set(["message", "fix", "question"]);

const walk = (value: unknown, redact: (text: string) => string, field = ""): unknown => {
  if (typeof value === "string")
    return sentences.has(field) ? redact(value).slice(0, artifactLimits.evidenceLength) : redact(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, redact, name)]));
};
