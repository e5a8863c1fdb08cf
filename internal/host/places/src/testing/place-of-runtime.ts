import { join } from "node:path";
import type { Isolation } from "@nc/container-config";
import type { Place } from "@gatehouse/workloads";
import { factsOf } from "../facts.ts";
import { startHere, type LocalDeps } from "../local/start-here.ts";

export type RuntimePlaceOptions = Omit<LocalDeps, "gatewaySocket" | "makesGroups"> & {
  /** Default: processes, if the runtime has no images. */
  readonly isolation?: Isolation;
  /** Default: none. */
  readonly problem?: Place["problem"];
};

/** A place of this machine with any runtime, such as a scripted one. */
export const placeOfRuntime = (options: RuntimePlaceOptions): Place => {
  const { runtime, image, sandbox, problem = () => Promise.resolve(null) } = options;
  const own = runtime.cannot.image === undefined ? "container" : "process";
  const { isolation = sandbox === undefined ? own : "sandbox" } = options;
  return {
    name: runtime.name,
    isolation,
    cannot: { ...runtime.cannot, ...factsOf(runtime.name)?.cannot },
    bindsGroups: true,
    packages: image ?? sandbox?.packages ?? null,
    start: startHere({
      ...options,
      makesGroups: true,
      gatewaySocket: join(options.dataDir, "gateway.sock"),
    }),
    left: runtime.running,
    problem,
    close: runtime.close,
  };
};
