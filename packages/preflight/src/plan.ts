import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { Grant } from "./grants.ts";
import type { Environment, PreflightRequest, Provider } from "./request.ts";
import type { Launches, Verdict } from "./verdict.ts";

/** A CLI that was found. The version is null if only running the CLI shows it. */
export type FoundCli = {
  readonly path: string;
  readonly version: string | null;
  /** It was installed under the name that its package had before it moved. */
  readonly isFormerPackage?: true;
};

/** One folder for one provider: the facts that are known without starting anything. */
export type PlannedFolder = {
  /** The caller's path, made absolute. */
  readonly workspace: string;
  readonly provider: Provider;
  /** Null if the folder does not exist. */
  readonly paths: WorkspacePaths | null;
  /** The folder whose entry has or will have the trust. Folders with the same key are confirmed once. */
  readonly trustKey: string | null;
  /** Device and inode at planning time. Nothing is confirmed unless they still match. */
  readonly identity?: string | null;
  /** The grants in its own files. */
  readonly grants: readonly Grant[] | null;
  /** Null: the folder is not trusted yet but may be, so its CLI must be started and asked. */
  readonly verdict: Verdict | null;
  /** The time that planning took, ms. */
  readonly durationMs: number;
};

/** Read from disk without starting anything: the settled folders and the pending ones. */
export type PreflightPlan = {
  readonly request: PreflightRequest;
  readonly cli: { readonly [P in Provider]?: FoundCli };
  /** In the order of the request: providers within folders. */
  readonly folders: readonly PlannedFolder[];
  /** The same as in the report, for a caller that needs it early. Only `execute` records launches. */
  readonly launch: Launches;
};

/** A folder that still has to be confirmed. */
export type PendingFolder = PlannedFolder & {
  readonly paths: WorkspacePaths;
  readonly trustKey: string;
  readonly grants: readonly Grant[];
  readonly verdict: null;
};

export const isPending = (folder: PlannedFolder): folder is PendingFolder => folder.verdict === null;

/** No CLI was found; `looked` names the searched places. */
export type CliError = { readonly code: "cli-not-found"; readonly looked: string };

export type FindCliOptions = {
  readonly env: Environment;
  /** The path that the caller named. No other path is tried then. */
  readonly explicit?: string | undefined;
};
