import { stateOf } from "@gatehouse/processes/records";
import { fail, ok } from "@gatehouse/std";
import type { Container, ContainerRuntime } from "../../runtime.ts";
import type { RuntimeResult } from "../../runtime-result.ts";
import { cannotByProcess } from "../../check-spec.ts";
import { homeOf } from "./account.ts";
import { recordedIn } from "./process-container.ts";
import { startProblem } from "./start-problem.ts";
import { folderBelow } from "./place-files-as.ts";
import { containerRegistry, type ProcessRuntimeOptions, type Registry } from "./registry.ts";
import { spawnRecorded } from "./spawn.ts";

/** A runtime whose containers are process groups of this machine, without isolation. */
export const processRuntime = (options: ProcessRuntimeOptions): ContainerRuntime => {
  const registry = containerRegistry(options);
  const homes = new Map<string, string>();
  /** The torn records that were already reported. */
  const reported = new Set<string>();
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
      return home.ok ? spawnRecorded(registry, spec) : home;
    },
    running: () => running(registry, options, reported),
    close: () => Promise.resolve(registry.close()),
  };
};

const running = async (
  registry: Registry,
  { install, report }: ProcessRuntimeOptions,
  reported: Set<string>,
): Promise<RuntimeResult<readonly Container[]>> => {
  const listed = registry.isClosed() ? null : await registry.records.list();
  if (listed?.ok !== true)
    return fail({ code: "runtime-unavailable", message: listed?.error.message ?? "The runtime was closed." });
  for (const file of listed.value.torn.filter((each) => !reported.has(each))) {
    reported.add(file);
    report(`The record ${file} is torn. Its process is not signalled.`);
  }
  for (const record of listed.value.records) {
    const recorded = recordedIn(record);
    if (recorded?.label.install !== install || registry.isKnown(record.id)) continue;
    const state = stateOf(record);
    if (state === "running") registry.adopt(record, recorded);
    else if (state !== "elsewhere") await registry.reap(record);
  }
  return ok(registry.running());
};
