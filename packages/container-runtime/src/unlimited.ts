import type { WorkloadSpec } from "./workload-spec.ts";

/**
 * The fields of a workload without isolation and limits: no image, no mounts, the machine's network and
 * resources.
 */
export const unlimited: Pick<WorkloadSpec, "image" | "mounts" | "network" | "cpus" | "memoryMb" | "pids"> = {
  image: null,
  mounts: [],
  network: "open",
  cpus: null,
  memoryMb: null,
  pids: null,
};
