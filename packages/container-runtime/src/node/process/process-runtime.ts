import { removeEmptyCgroups, signalRecorded } from "@gatehouse/processes/records";
import { fail, ok } from "@gatehouse/std";
import type { ContainerRuntime } from "../../runtime.ts";
import type { RuntimeResult } from "../../runtime-result.ts";
import { cannotByProcess } from "../../check-spec.ts";
import { takeFolder } from "../mounts/give-folder.ts";
import { homeOf } from "./account.ts";
import { startProblem } from "./start-problem.ts";
import { fileReplacer } from "./place-files.ts";
import { folderBelow } from "./place-files-as.ts";
import { containerRegistry, type ProcessRuntimeOptions, type RecordKind } from "./registry.ts";
import { cgroupPrefix, spawnRecorded } from "./spawn.ts";

export const processKind: RecordKind = {
  replaceFiles: ({ account }, { folder }, report) => fileReplacer(folder, account, report),
  terminate: (record) => signalRecorded(record, "TERM"),
};

/** A runtime whose containers are process groups of this machine, without isolation. */
export const processRuntime = (options: ProcessRuntimeOptions): ContainerRuntime => {
  removeEmptyCgroups(cgroupPrefix(options.install));
  const registry = containerRegistry(options, processKind);
  const homes = new Map<string, string>();
  /** Caches only successful answers: a refused account may get a sudo rule later. */
  const knownHome = async (account: string): Promise<RuntimeResult<string>> => {
    const known = homes.get(account);
    const home = known === undefined ? await homeOf(account) : ok(known);
    if (home.ok) homes.set(account, home.value);
    return home;
  };
  return {
    name: "process",
    cannot: cannotByProcess,
    folderOf: async ({ account, sessionId, hostFolder }) => {
      if (account === null) return ok(hostFolder);
      const home = await knownHome(account);
      return home.ok ? ok(folderBelow(home.value, sessionId)) : home;
    },
    spawn: async (spec) => {
      if (spec.label.install !== options.install)
        throw new TypeError(`The runtime of ${options.install} starts nothing for ${spec.label.install}.`);
      const refused = await startProblem(spec);
      if (refused !== null) return fail(refused);
      const home = spec.account === null ? ok("") : await knownHome(spec.account);
      if (!home.ok) return home;
      if (spec.account === null)
        for (const folder of [spec.files.folder, spec.folder]) await takeFolder(folder);
      return spawnRecorded(registry, spec);
    },
    running: registry.running,
    close: () => Promise.resolve(registry.close()),
  };
};
