import type { Environment } from "@gatehouse/std";
import { ok } from "@gatehouse/std";
import { probeSandbox, processRuntime } from "@nc/container-runtime/node";
import type { ChosenPlace, PlaceRow } from "../chosen-place.ts";
import { processesInUse, recordsIn, sentence } from "../runtime-in-use.ts";
import { usableEngine } from "./engine-row.ts";
import { engineNames } from "./find-engine.ts";
import { openLocal } from "./open-local.ts";

/** Processes, with all rights of their account. */
export const processRow: PlaceRow = {
  flags: [],
  look: async ({ env, isAuto }) => ok(processes([processNote, ...(isAuto ? [await offer(env)] : [])])),
};

/** Processes, without a look at this machine. */
export const processes = (notes: readonly string[] = []): ChosenPlace => {
  const chosen: ChosenPlace = {
    name: "process",
    notes,
    inUse: processesInUse,
    imageVersion: null,
    problem: () => Promise.resolve(null),
    tryStart: () => Promise.resolve({ ok: true, said: "" }),
    open: async (host) => openLocal(chosen, { make: processRuntime, folder: recordsIn.process }, host),
  };
  return chosen;
};

const processNote =
  "Agents run as processes, with all rights of their account on this machine: they can read its keys and this host's database. In a sandbox or a container they have only their group's folder: docs/sandboxes.md.";

/** The isolation that the operator of a host with processes can choose here, in a line. */
const offer = async (env: Environment): Promise<string> => {
  for (const name of engineNames)
    if ((await usableEngine(name, undefined, env)).ok)
      return `${name} runs here and has the agents' image: ${later(name, "its containers")}`;
  const probed = await probeSandbox(env);
  return probed.ok
    ? `bubblewrap ${probed.value.version} is here: ${later("sandbox", "sandboxes")}`
    : `No sandbox starts here yet. ${sentence(probed.error)}`;
};

const later = (name: string, where: string): string =>
  `gatehouse up --runtime ${name} runs agents in ${where} from then on.`;
