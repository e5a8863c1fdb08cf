import { existsSync, linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { ContainerRuntime } from "@nc/container-runtime";
import { runtimes, type RuntimeOptions } from "@nc/container-runtime/node";
import type { ChosenPlace, OpenPlace, PlaceHost } from "../chosen-place.ts";
import { placeFacts } from "../facts.ts";
import { recordsIn } from "../runtime-in-use.ts";
import { agentSocketsIn } from "./agent-image.ts";
import { ofMachine, type ProgramsOf } from "./programs.ts";
import { startHere } from "./start-here.ts";

/** What agents have that do not see the whole machine: an image, or the machine's programs in a sandbox. */
export type Walls = Pick<OpenPlace, "packages"> & {
  readonly programsOf: ProgramsOf;
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
  { name, problem }: Pick<ChosenPlace, "name" | "problem">,
  { make, folder, walls }: LocalRow,
  host: PlaceHost,
): OpenPlace => {
  const { dataDir, install, sockets, log } = host;
  const dial = host.dial ?? { address: `unix:${sockets.wire}`, pin: null };
  const { isolation, cannot } = placeFacts[name];
  const report = (text: string): void => log("process-trouble", { problem: text });
  const runtime = make({ folder: folder(dataDir), install, report });
  return {
    name,
    isolation,
    problem,
    cannot: { ...runtime.cannot, ...cannot },
    bindsGroups: true,
    packages: walls?.packages ?? null,
    start: startHere({
      ...host,
      dial,
      programsOf: walls?.programsOf ?? ofMachine(host, dial, sockets.gateway),
      runtime,
    }),
    left: runtime.running,
    close: runtime.close,
    begin: async () => {
      // Every account may enter it: every account may open these sockets.
      if (walls !== undefined) mkdirSync(agentSocketsIn(dataDir), { recursive: true, mode: 0o755 });
      await walls?.begin();
      await endOthers(host, folder(dataDir));
    },
    listening: () => {
      if (walls !== undefined) publish(sockets, agentSocketsIn(dataDir));
    },
    guestOf: () => null,
    endStarting: () => {},
  };
};

/**
 * Hard-links sockets that listen into the folder that agents see. It stays mounted while a container runs, so that the next
 * host can put its own sockets there.
 */
const publish = (sockets: PlaceHost["sockets"], folder: string): void => {
  for (const socket of Object.values(sockets)) {
    const name = join(folder, basename(socket));
    const unnamed = `${name}.new`;
    rmSync(unnamed, { force: true });
    linkSync(socket, unnamed);
    // A rename replaces the last host's socket; a link would fail with EEXIST.
    renameSync(unnamed, name);
  }
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
