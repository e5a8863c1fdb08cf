import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { Grant } from "./grants/grant.ts";
import type { Environment, PreflightRequest, Provider } from "./request.ts";
import type { Verdict } from "./verdict.ts";

/** A CLI that was found. The version is null where only running it would tell. */
export type FoundCli = { readonly path: string; readonly version: string | null };

/** One folder for one provider: what is known of it without starting anything. */
export type PlannedFolder = {
  /** As the caller named it, made absolute. */
  readonly workspace: string;
  readonly provider: Provider;
  /** Null where there is no such folder. */
  readonly paths: WorkspacePaths | null;
  /** The folder whose entry holds, or would hold, the trust. Folders with one key are confirmed once. */
  readonly trustKey: string | null;
  /**
   * Device and inode of the folder at the time of the plan: what is confirmed must still be this one. Without it nothing
   * is confirmed.
   */
  readonly identity?: string | null;
  /** What its own files pre-approve. */
  readonly grants: readonly Grant[] | null;
  /** Null: it is not trusted yet and may be, so its CLI has to be started and asked. */
  readonly verdict: Verdict | null;
  /** What finding this out took, in milliseconds. */
  readonly durationMs: number;
};

/** Read from disk without starting anything: what is settled already, and what is left to do. */
export type PreflightPlan = {
  readonly request: PreflightRequest;
  readonly cli: { readonly [P in Provider]?: FoundCli };
  /** In the order of the request: providers within folders. */
  readonly folders: readonly PlannedFolder[];
};

/** A folder that is left to do. */
export type PendingFolder = PlannedFolder & {
  readonly paths: WorkspacePaths;
  readonly trustKey: string;
  readonly grants: readonly Grant[];
  readonly verdict: null;
};

export const isPending = (folder: PlannedFolder): folder is PendingFolder => folder.verdict === null;

/** Not found: what was looked for. */
export type CliError = { readonly code: "cli-not-found"; readonly looked: string };

export type FindCliOptions = {
  readonly env: Environment;
  /** A path somebody named; nothing else is tried then. */
  readonly explicit?: string | undefined;
};
