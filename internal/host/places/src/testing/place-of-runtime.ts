import { join } from "node:path";
import type { Isolation } from "@nc/container-config";
import type { GroupImages, Place } from "@gatehouse/workloads";
import type { PlaceHost } from "../chosen-place.ts";
import { factsOf } from "../facts.ts";
import { inImages, inSandboxes, ofMachine, type AgentSandbox, type ProgramsOf } from "../local/programs.ts";
import { startHere, type LocalDeps } from "../local/start-here.ts";

export type RuntimePlaceOptions = Omit<LocalDeps, "makesGroups" | "programsOf"> &
  Pick<PlaceHost, "clis"> &
  PlaceHost["programs"] & {
    /** Default: processes, if the runtime has no images. */
    readonly isolation?: Isolation;
    /** Default: none. */
    readonly problem?: Place["problem"];
    readonly image?: GroupImages;
    readonly sandbox?: AgentSandbox;
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
    start: startHere({ ...options, programsOf: programsOf(options), makesGroups: true }),
    left: runtime.running,
    problem,
    close: runtime.close,
  };
};

const programsOf = ({ runner, ncl, image, sandbox, dial, ...options }: RuntimePlaceOptions): ProgramsOf => {
  const host = { ...options, programs: { runner, ncl } };
  if (image !== undefined) return inImages(host, image);
  if (sandbox !== undefined) return inSandboxes(host, sandbox);
  return ofMachine(host, dial, join(options.dataDir, "gateway.sock"));
};
