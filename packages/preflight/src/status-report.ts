import type { TrustProbe } from "@trust/claude-state-probe";
import type { Provider } from "./request.ts";

/** Whether a provider would ask about a folder, from its state alone. */
export type FolderStatus = TrustProbe & { readonly workspace: string; readonly provider: Provider };

export type StatusReport = { readonly ok: boolean; readonly results: readonly FolderStatus[] };
