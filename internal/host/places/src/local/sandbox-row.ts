import { ok } from "@gatehouse/std";
import type { Mount } from "@nc/container-runtime";
import { probeSandbox, sandboxRuntime } from "@nc/container-runtime/node";
import type { Ask, ChosenPlace, PlaceHost, PlaceRow } from "../chosen-place.ts";
import { problemOf, processesInUse, recordsIn } from "../runtime-in-use.ts";
import { placeAgentNode } from "./agent-image.ts";
import { openLocal, type Walls } from "./open-local.ts";
import { packageFolders } from "./package-folders.ts";
import { inSandboxes } from "./programs.ts";

/** Sandboxes of bubblewrap. */
export const sandboxRow: PlaceRow = {
  flags: [],
  look: async (ask) => {
    const probed = await probeSandbox(ask.env);
    if (probed.ok) return ok(sandboxes(ask, [sandboxNote(probed.value.version)]));
    return { ...probed, waiting: sandboxes(ask, []) };
  },
};

const sandboxNote = (version: string): string =>
  `Agents run in sandboxes of bubblewrap ${version}: with the machine's programs and their group's folder, without a network unless their group has an open one.`;

const sandboxes = (ask: Ask, notes: readonly string[]): ChosenPlace => {
  const { env } = ask;
  const chosen: ChosenPlace = {
    name: "sandbox",
    notes,
    inUse: { ...processesInUse, name: "sandbox" },
    imageVersion: null,
    problem: async () => problemOf(await probeSandbox(env)),
    // The look for a problem has started one.
    tryStart: () =>
      Promise.resolve({
        ok: true,
        said: "a sandbox starts. memory_mb and cpus of groups have no effect in it.",
      }),
    open: async (host) => {
      const walls = wallsOf(host, ask);
      return openLocal(chosen, { make: sandboxRuntime, folder: recordsIn.sandbox, walls }, host);
    },
  };
  return chosen;
};

/** What agents in sandboxes see. */
const wallsOf = (host: PlaceHost, { env, flags: { npmAge } }: Ask): Walls => {
  const { dataDir, log, needed } = host;
  let node: Mount | null = null;
  const packages = packageFolders({ dataDir, needed, env, npmAge });
  return {
    packages,
    programsOf: inSandboxes(host, { packages, node: () => node }),
    begin: async () => {
      const placed = await placeAgentNode(dataDir);
      if (placed.ok) node = placed.value;
      else log("process-trouble", { problem: placed.error });
    },
  };
};
