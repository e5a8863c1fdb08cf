import type { WorkloadSpec } from "./workload-spec.ts";

/** For a workload that is neither isolated nor limited: no image, no mounts, the machine's network, all of its resources. */
export const unlimited: Pick<WorkloadSpec, "image" | "mounts" | "network" | "cpus" | "memoryMb" | "pids"> = {
  image: null,
  mounts: [],
  network: "open",
  cpus: null,
  memoryMb: null,
  pids: null,
};
