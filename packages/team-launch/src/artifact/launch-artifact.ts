import type { LaunchError, LaunchRun, LaunchState, MemberReport } from "../lifecycle/launch-run.ts";
import { artifactLimits, type WorkspaceTrustPreflight } from "./workspace-trust-preflight.ts";

/** The data that a failed launch keeps in its own file, for a person who looks for the cause. */
export type LaunchArtifact = {
  readonly version: 1;
  readonly launch: Omit<LaunchRun, "members">;
  readonly state: LaunchState;
  readonly error: LaunchError;
  readonly members: readonly MemberReport[];
  readonly flags: { readonly workspaceTrustPreflight: WorkspaceTrustPreflight };
};

/** Redacts every text of a document, and shortens its sentences. Field names are ours and stay. */
export const redacted = <T>(document: T, redact: (text: string) => string): T => walk(document, redact) as T;

/** The fields with sentences. The message of an ended agent quotes the last rows of its screen. */
const sentences: ReadonlySet<string> = new Set(["message", "fix", "question"]);

const walk = (value: unknown, redact: (text: string) => string, field = ""): unknown => {
  if (typeof value === "string")
    return sentences.has(field) ? redact(value).slice(0, artifactLimits.evidenceLength) : redact(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, redact, name)]));
};
