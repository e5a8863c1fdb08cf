import type { locateWorkspace } from "@trust/claude-state-probe/node";
import type {
  Diagnostic,
  Environment,
  FolderStatus,
  FoundCli,
  Launch,
  PendingFolder,
  PlannedFolder,
  PreflightProgress,
  PreflightRequest,
  Provider,
  Result,
  Verdict,
  Watch,
} from "../../index.ts";
import type { Attempt } from "../../result-of.ts";

/** The inputs for planning a folder, except the folder. */
export type PlanContext = {
  readonly request: PreflightRequest;
  readonly provider: Provider;
  /** Null if no CLI was found; `looked` names the searched places. */
  readonly cli: FoundCli | null;
  readonly looked: string;
  /** The environment for starting the CLI; its state is read with the same one. */
  readonly env: Environment;
  readonly home: string;
};

/** The inputs for confirming a batch. */
export type ConfirmContext = PlanContext & {
  readonly cli: FoundCli;
  /** The keys under which folders of this batch were or will be recorded. */
  readonly planned: () => ReadonlySet<string | null>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PreflightProgress) => void;
  readonly onQuestion?: Watch["onQuestion"];
  readonly openPty?: Watch["openPty"];
};

/** The way in which the folders of one provider become trusted. */
export type Strategy = {
  /** Plans the folders of one plan; data that they share is read once. */
  readonly planner: (context: PlanContext, locate: Locate) => PlanFolder;
  /**
   * Lends a confirmer for pending folders, or returns one verdict for all of them if nothing can be
   * confirmed. Null if a plan leaves nothing pending.
   */
  readonly withConfirm: WithConfirm | null;
  /**
   * One launch for folders that are passed at launch, by their trust keys; null if a launch needs no
   * arguments.
   */
  readonly launchTogether:
    | ((
        folders: readonly string[],
        context: PlanContext,
      ) => Promise<Result<Launch, { readonly code: string }>>)
    | null;
  /** Reads from the state alone whether the CLI would ask. */
  readonly statusReader: (
    context: PlanContext,
    locate: Locate,
  ) => (workspace: string) => Promise<FolderStatus>;
};

/** Finds the places of a folder, once for all providers. */
export type Locate = (workspace: string) => ReturnType<typeof locateWorkspace>;

type WithConfirm = <T>(
  context: ConfirmContext,
  use: (confirmer: Confirmer) => Promise<T>,
) => Promise<Result<T, Verdict>>;

/** Settles a folder as far as possible without starting anything. The content of the disk never makes it throw. */
export type PlanFolder = (workspace: string) => Promise<PlannedFolder>;

/** Confirms folders while it is lent. */
export type Confirmer = {
  readonly confirm: Confirm;
  /** The state file that records the folders. */
  readonly file: string;
  /** Ends the processes that confirmed folders so far. More folders may follow. Returns diagnostics. */
  readonly settle?: () => Promise<readonly Diagnostic[]>;
  /** At the end of the batch: the verdicts that change, by trust key. */
  readonly recheckKeys: () => Promise<ReadonlyMap<string, Verdict>>;
};

/** Confirms folders that share a trust key once, in the first of them. */
export type Confirm = (group: PendingGroup) => Promise<Attempt>;
export type PendingGroup = readonly [PendingFolder, ...PendingFolder[]];
