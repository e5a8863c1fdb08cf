import { existsSync } from "node:fs";
import type { GroupImages } from "@gatehouse/workloads";
import type { ContainerRuntime } from "@nc/container-runtime";
import { runtimes, type RuntimeOptions } from "@nc/container-runtime/node";
import type { ChosenPlace, OpenPlace, PlaceHost } from "../chosen-place.ts";
import { placeFacts } from "../facts.ts";
import { recordsIn } from "../runtime-in-use.ts";
import { agentSockets } from "./agent-sockets.ts";
import { startHere } from "./start-here.ts";
import type { ProgramDeps } from "./programs.ts";

/** What agents have that do not see the whole machine: an image, or the machine's programs in a sandbox. */
export type Walls = Pick<ProgramDeps, "image" | "sandbox"> & {
  /** Builds the packages of groups; null if it installs none. */
  readonly packages: Pick<GroupImages, "build"> | null;
  /** Places the programs of gatehouse for its agents. */
  readonly begin: () => Promise<void>;
};

/** A place on this machine. */
type LocalRow = {
  readonly make: (options: RuntimeOptions) => ContainerRuntime;
  /** The folder of its records, for a data folder. */
  readonly folder: (dataDir: string) => string;
  readonly walls?: Walls;
};

/** Opens a place on this machine. */
export const openLocal = (
  { name, isolation, problem }: Pick<ChosenPlace, "isolation" | "name" | "problem">,
  { make, folder, walls }: LocalRow,
  host: PlaceHost,
): OpenPlace => {
  const { dataDir, install, programs, sockets, dial, log } = host;
  const report = (text: string): void => log("process-trouble", { problem: text });
  const runtime = make({ folder: folder(dataDir), install, report });
  const shown = walls === undefined ? null : agentSockets(dataDir, [sockets.wire, sockets.gateway]);
  return {
    name,
    isolation,
    problem,
    cannot: { ...runtime.cannot, ...placeFacts[name].cannot },
    bindsGroups: true,
    packages: walls?.packages ?? null,
    start: startHere({
      ...host,
      ...programs,
      ...walls,
      dial: dial ?? { address: `unix:${sockets.wire}`, pin: null },
      gatewaySocket: sockets.gateway,
      runtime,
    }),
    left: runtime.running,
    close: runtime.close,
    begin: async () => {
      shown?.make();
      await walls?.begin();
      await endOthers(host, folder(dataDir));
    },
    listening: () => shown?.publish(),
    guestOf: () => null,
    endStarting: () => {},
  };
};

/**
 * Ends the agents that an earlier host ran by another runtime of this machine, before this host starts its own: they would
 * connect to it, and have the policies that are allowed under this host's isolation.
 */
export const endOthers = async (
  { dataDir, install, log, report }: PlaceHost,
  own: string | null,
): Promise<void> => {
  for (const [name, folderIn] of Object.entries(recordsIn)) {
    const folder = folderIn(dataDir);
    if (folder === own || !existsSync(folder)) continue;
    const runtime = runtimes[name]?.({
      folder,
      install,
      report: (problem) => log("process-trouble", { problem }),
    });
    const running = await runtime?.running();
    if (running?.ok === false) throw new Error(running.error.message);
    await Promise.all(
      (running?.value ?? []).map(async (container) => {
        const { reference, pid, label } = container;
        const { sessionId: session, incarnation } = label;
        log("container-reaped", { session, incarnation, reference, pid });
        await container.kill(0).catch(report);
      }),
    );
    await runtime?.close();
  }
};
