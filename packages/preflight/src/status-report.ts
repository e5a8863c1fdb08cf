import type { TrustProbe } from "@trust/claude-state-probe";
import type { Provider } from "./request.ts";
import type { Code } from "./statuses.ts";

/** Whether a provider would ask about a folder, from its state alone. */
export type FolderStatus = Omit<TrustProbe, "code" | "file"> & {
  readonly workspace: string;
  readonly provider: Provider;
  /** Of Claude Code the probe's own; of the others what a preflight would say. */
  readonly code: TrustProbe["code"] | Code;
  /** Null where the provider keeps no such state. */
  readonly file: string | null;
};

export type StatusReport = { readonly ok: boolean; readonly results: readonly FolderStatus[] };

/** Whether an agent that is started there, and told nothing, reaches its prompt without asking for trust. */
export const isQuiet = ({ state, code }: FolderStatus): boolean =>
  state === "trusted" || code === "not-asked" || code === "not-needed";
