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
} from "../../index.ts";
import type { Attempt } from "../../result-of.ts";

/** What a folder is planned with: everything but the folder. */
export type PlanContext = {
  readonly request: PreflightRequest;
  readonly provider: Provider;
  /** Null where none was found; `looked` says where. */
  readonly cli: FoundCli | null;
  readonly looked: string;
  /** What the CLI would be started with; its state is read as it would. */
  readonly env: Environment;
  readonly home: string;
};

/** What a batch is confirmed with. */
export type ConfirmContext = PlanContext & {
  readonly cli: FoundCli;
  /** The keys that folders of this batch are, or were, to be recorded under. */
  readonly planned: () => ReadonlySet<string | null>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PreflightProgress) => void;
};

/** How one provider's folders come to be trusted. */
export type Strategy = {
  /** For the folders of one plan; what they share is read once. */
  readonly planner: (context: PlanContext) => PlanFolder;
  /** Lends what confirms pending folders; or gives the one verdict for all of them, where nothing can be confirmed. Null where a plan leaves nothing pending. */
  readonly withConfirm: WithConfirm | null;
  /** One launch for folders that are passed at launch, by their trust keys; null where a launch is told nothing. */
  readonly launchTogether:
    | ((
        folders: readonly string[],
        context: PlanContext,
      ) => Promise<Result<Launch, { readonly code: string }>>)
    | null;
  /** Whether it would ask, from its state alone. */
  readonly statusReader: (context: PlanContext) => (workspace: string) => Promise<FolderStatus>;
};

type WithConfirm = <T>(
  context: ConfirmContext,
  use: (confirmer: Confirmer) => Promise<T>,
) => Promise<Result<T, Verdict>>;

/** Settles what can be settled without starting anything. Never throws for what is on the disk. */
export type PlanFolder = (workspace: string) => Promise<PlannedFolder>;

/** What a batch is confirmed by, as long as it is lent. */
export type Confirmer = {
  readonly confirm: Confirm;
  /** The state that folders are recorded in. */
  readonly file: string;
  /** Ends what the folders were confirmed with so far; it may be begun again. Returns what is worth knowing about it. */
  readonly settle?: () => Promise<readonly Diagnostic[]>;
  /** When all are through: verdicts that turn out otherwise, by trust key. */
  readonly lookAgain: () => Promise<ReadonlyMap<string, Verdict>>;
};

/** Confirms folders that share a trust key: once, in the first of them. */
export type Confirm = (group: PendingGroup) => Promise<Attempt>;
export type PendingGroup = readonly [PendingFolder, ...PendingFolder[]];
