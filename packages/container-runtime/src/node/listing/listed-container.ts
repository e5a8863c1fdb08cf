import type { ContainerLabel } from "../../workload-spec.ts";

/** A container as a reader sees it that starts, adopts and ends none. */
export type ListedContainer = {
  /** The engine's id; of a process, the id of its record. */
  readonly reference: string;
  /** Null if another version wrote its labels. */
  readonly label: ContainerLabel | null;
  /**
   * `made`: not started yet. `ended`: it only waits to be removed. `unknown`: a process that was started in another
   * namespace.
   */
  readonly state: "made" | "running" | "ended" | "unknown";
  /** The leader of a process group; null for a container of an engine. */
  readonly pid: number | null;
};
