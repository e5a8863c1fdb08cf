import type { ContainerConfig, Entries, Scalars } from "./container-config.ts";
import type { UnreadableConfig } from "./config-error.ts";
import type { ConfigChange } from "./changes/diff-configs.ts";
import type { Need } from "./fields/field.ts";
import type { Settings } from "./fields/fields.ts";
import type { Result } from "@gatehouse/std";
import type { StoreError } from "./store-error.ts";
import type { Change } from "./tables.ts";

/** The result of an update. Without a change `changes` is empty, and the generation stays. */
export type Update = {
  readonly config: ContainerConfig;
  readonly changes: readonly ConfigChange[];
  /** What a running container needs to get the changes; null without changes. */
  readonly needs: Need | null;
};

/** One generation, without its settings. */
export type HistoryEntry = {
  readonly generation: number;
  readonly change: Change;
  /** ISO 8601, UTC. */
  readonly changed_at: string;
};

/** Refused with `generation-conflict` unless the configuration is at this generation. */
export type UpdateOptions = { readonly ifGeneration?: number };

/**
 * The configurations of all groups. Each call is one transaction, or a part of the caller's; each change is a
 * new generation and a row of history. The store refuses values that fail the fields' checks.
 */
export type ContainerConfigStore = {
  readonly get: (groupId: string) => Promise<Result<ContainerConfig | null, UnreadableConfig>>;
  /** In the order of the ids. Unreadable configurations are errors in the list; the others are values. */
  readonly getAll: () => Promise<readonly Result<ContainerConfig, UnreadableConfig>[]>;
  readonly create: (
    groupId: string,
    settings?: Partial<Settings>,
    change?: Change,
  ) => Promise<Result<ContainerConfig, StoreError>>;
  /** The present configuration, else a new one. */
  readonly ensure: (groupId: string) => Promise<Result<ContainerConfig, UnreadableConfig>>;
  /** `values` come from `checkScalars`. */
  readonly updateScalars: (
    groupId: string,
    values: Partial<Scalars>,
    options?: UpdateOptions,
  ) => Promise<Result<Update, StoreError>>;
  /**
   * Changes one list or map. `next` is pure, and is called again if another writer was faster. Its error
   * becomes the result.
   */
  readonly updateEntries: <Name extends keyof Entries, E>(
    groupId: string,
    name: Name,
    next: (current: Entries[Name]) => Result<Entries[Name], E>,
    options?: UpdateOptions,
  ) => Promise<Result<Update, StoreError | E>>;
  /** False if there was none. Its history is deleted too. */
  readonly delete: (groupId: string) => Promise<boolean>;
  /** Newest first. */
  readonly history: (groupId: string) => Promise<readonly HistoryEntry[]>;
  /** Between two generations. `to` is the present one by default, `from` the one before `to`. */
  readonly diff: (
    groupId: string,
    range?: { readonly from?: number; readonly to?: number },
  ) => Promise<Result<readonly ConfigChange[], StoreError>>;
  /**
   * Saves generation `to` as a new one; the fields in `keep` stay as they are. It repairs an unreadable
   * configuration, unless a field in `keep` is unreadable.
   */
  readonly rollback: (
    groupId: string,
    to: number,
    options?: UpdateOptions & { readonly keep?: readonly (keyof Settings)[] },
  ) => Promise<Result<Update, StoreError>>;
};
