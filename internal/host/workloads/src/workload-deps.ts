import type { Central } from "@gatehouse/central-database";
import type { Result } from "@gatehouse/std";
import type { ContainerConfig } from "@nc/container-config";
import type { HeldLease } from "@gatehouse/session-rows";
import type { Secrets } from "@gatehouse/session-rows/messages";

/** The part of a group's configuration from which its image is built. */
export type ImageNeeds = Pick<ContainerConfig, "packages_apt" | "packages_npm">;

/** The images of groups. Errors are sentences. */
export type GroupImages = {
  /** Returns the engine's name for the image of a group with these packages. Fails if the image is not built. */
  readonly nameOf: (needs: ImageNeeds) => Promise<Result<string, string>>;
  /**
   * Builds the image if it does not exist. False if it existed. The first line of an error is ours; the other lines are the
   * build's output, which is not trusted.
   */
  readonly build: (needs: ImageNeeds, signal: AbortSignal) => Promise<Result<boolean, string>>;
};

/** The parts of the host that make workloads. */
export type WorkloadDeps = {
  readonly central: Pick<Central, "loop">;
  /**
   * The folder with `groups/`, and with `sessions/<group>/<session>`, the files for agents of this account.
   */
  readonly dataDir: string;
  /** ms */
  readonly times: { readonly graceMs: number };
  /**
   * Returns the values of these secrets of a group's MCP servers, without missing ones. The error is a sentence. Default:
   * no secrets.
   */
  readonly readSecrets?: (groupId: string, names: readonly string[]) => Promise<Result<Secrets, string>>;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Logs an event: its name, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
};

/** The session of a workload. */
export type WorkloadSession = {
  readonly id: string;
  readonly lease: Pick<HeldLease, "token">;
};

/** The group of a workload. */
export type WorkloadGroup = { readonly id: string; readonly name: string; readonly folder: string };
