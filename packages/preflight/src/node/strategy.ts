import type {
  Environment,
  FoundCli,
  PendingFolder,
  PlannedFolder,
  PreflightProgress,
  PreflightRequest,
  Provider,
  Result,
  Verdict,
} from "../index.ts";
import type { Attempt } from "../result-of.ts";
import { claude } from "./claude.ts";

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
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PreflightProgress) => void;
};

/** How one provider's folders come to be trusted. */
export type Strategy = {
  /** Settles what can be settled without starting anything. Never throws for what is on the disk. */
  readonly planFolder: (workspace: string, context: PlanContext) => Promise<PlannedFolder>;
  /** Lends what confirms pending folders; or the one verdict for all of them, where nothing can be confirmed. */
  readonly withConfirm: <T>(
    context: ConfirmContext,
    use: (confirm: Confirm) => Promise<T>,
  ) => Promise<Result<T, Verdict>>;
};

/** Confirms folders that share a trust key: once, in the first of them. */
export type Confirm = (group: PendingGroup) => Promise<Attempt>;
export type PendingGroup = readonly [PendingFolder, ...PendingFolder[]];

/** One row a provider. */
export const strategies: { readonly [P in Provider]: Strategy } = { claude };
