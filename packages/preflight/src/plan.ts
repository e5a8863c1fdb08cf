import type { Environment, PreflightRequest, Provider } from "./request.ts";
import type { Grant, PreflightResult } from "./report.ts";

/** A CLI that was found. The version is null where only running it would tell. */
export type FoundCli = { readonly path: string; readonly version: string | null };

/** A folder that is not trusted yet and may be: its CLI has to be started and asked. */
export type PendingFolder = {
  readonly workspace: string;
  readonly provider: Provider;
  /** The real path: where the CLI is started. */
  readonly folder: string;
  readonly trustKey: string;
  readonly grants: readonly Grant[];
};

/** Read from disk without starting anything: what is settled already, and what is left to do. */
export type PreflightPlan = {
  readonly request: PreflightRequest;
  readonly cli: { readonly [P in Provider]?: FoundCli };
  /** In the order of the request: providers within folders. */
  readonly entries: readonly (PreflightResult | PendingFolder)[];
};

export const isPending = (entry: PreflightResult | PendingFolder): entry is PendingFolder =>
  !("status" in entry);

/** Not found: what was looked for, and the one command that installs it. */
export type CliError = { readonly code: "cli-not-found"; readonly message: string; readonly fix: string };

export type FindCliOptions = { readonly env: Environment; readonly explicit?: string | undefined };
