import type { TrustProbe } from "@trust/claude-state-probe";
import type { Grant } from "./grants/grant.ts";
import type { reportVersion } from "./report.ts";
import type { Provider } from "./request.ts";
import type { Code } from "./statuses.ts";

/** The answer to "would the provider ask about this folder?", from its state alone. */
export type FolderStatus = Omit<TrustProbe, "code" | "file"> & {
  readonly workspace: string;
  readonly provider: Provider;
  /** For Claude Code the probe's own code; for the others the code that a preflight would report. */
  readonly code: TrustProbe["code"] | Code;
  /** Null if the provider keeps no such state. */
  readonly file: string | null;
  /** The grants in the folder's own files; null if they could not be read. */
  readonly grants: readonly Grant[] | null;
};

export type StatusReport = {
  readonly version: typeof reportVersion;
  readonly ok: boolean;
  readonly results: readonly FolderStatus[];
};

/** True if an agent that starts there without extra arguments reaches its prompt without asking for trust. */
export const isQuiet = ({ state, code }: FolderStatus): boolean =>
  state === "trusted" || code === "not-asked" || code === "not-needed";
