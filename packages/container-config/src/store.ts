import type { ContainerConfig, Entries } from "./container-config.ts";
import type { UnreadableConfig } from "./config-error.ts";
import type { ConfigChange } from "./changes/diff-configs.ts";
import type { Need } from "./fields/field.ts";
import type { Settings } from "./fields/fields.ts";
import type { Origin } from "./fields/origin.ts";
import type { HistoryEntry } from "./history.ts";
import type { Result } from "@gatehouse/std";
import type { Isolation } from "./choices.ts";
import type { StoreError } from "./store-error.ts";
import type { Change } from "./tables.ts";

/** The result of an update. Without a change, `changes` is empty and there is no new generation. */
export type Update = {
  readonly config: ContainerConfig;
  readonly changes: readonly ConfigChange[];
  /** The step after which a running container has the changes; null without changes. */
  readonly needs: Need | null;
};

/**
 * With `ifGeneration`, refused with `generation-conflict` if the configuration is at another generation. The new generation
 * has the isolation `atLeast`.
 */
export type UpdateOptions = Origin & { readonly ifGeneration?: number; readonly atLeast?: Isolation };

/** `change` is `create` by default. */
export type CreateOptions = Origin & { readonly change?: Change };

/** `limit` is the maximum number of entries, the newest first; 20 by default. */
export type HistoryOptions = { readonly limit?: number };

/** `keep` are fields that a rollback does not change. */
export type RollbackOptions = UpdateOptions & {
  readonly keep?: readonly (keyof Settings)[];
};

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
    options?: CreateOptions,
  ) => Promise<Result<ContainerConfig, StoreError>>;
  /** Returns the current configuration, or creates one. */
  readonly ensure: (groupId: string, origin?: Origin) => Promise<Result<ContainerConfig, StoreError>>;
  /** One generation for all `values`, which come from `checkScalars` and `checkField`. */
  readonly updateScalars: (
    groupId: string,
    values: Partial<Settings>,
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
  readonly history: (groupId: string, options?: HistoryOptions) => Promise<readonly HistoryEntry[]>;
  /** The changes between two generations. `to` is the current one by default, `from` the one before `to`. */
  readonly diff: (
    groupId: string,
    range?: { readonly from?: number; readonly to?: number },
  ) => Promise<Result<readonly ConfigChange[], StoreError>>;
  /**
   * Saves generation `to` as a new one; the fields in `keep` do not change. It repairs an unreadable
   * configuration, unless a field in `keep` is unreadable. It never lowers the isolation. Without a reason, the history names `to`.
   */
  readonly rollback: (
    groupId: string,
    to: number,
    options?: RollbackOptions,
  ) => Promise<Result<Update, StoreError>>;
};
