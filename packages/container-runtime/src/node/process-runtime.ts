import { stateOf } from "@gatehouse/processes/records";
import { fail, ok } from "@gatehouse/std";
import type { Container, ContainerRuntime, ContainerSpec, RuntimeError, RuntimeResult } from "../runtime.ts";
import { accountProblem } from "./account.ts";
import { recordedIn } from "./label-of.ts";
import { lookAtSpec } from "./look-at-spec.ts";
import { type ProcessRuntimeOptions, type Registry, containerRegistry } from "./registry.ts";
import { spawnRecorded } from "./spawn.ts";

/** Containers that are process groups of this machine. They see what their account sees: no isolation. */
export const processRuntime = (options: ProcessRuntimeOptions): ContainerRuntime => {
  const registry = containerRegistry(options);
  const usable = new Set<string>();
  const accountRefused = async ({ osUser }: ContainerSpec): Promise<RuntimeError | null> => {
    if (osUser === null || usable.has(osUser)) return null;
    const problem = await accountProblem(osUser);
    if (problem === null) usable.add(osUser);
    return problem;
  };
  return {
    name: "process",
    hasMounts: false,
    spawn: async (spec) => {
      if (spec.label.install !== options.install)
        throw new TypeError(`The runtime of ${options.install} starts nothing for ${spec.label.install}.`);
      const refused = (await lookAtSpec(spec)) ?? (await accountRefused(spec));
      return refused === null ? spawnRecorded(registry, spec) : fail(refused);
    },
    running: () => running(registry, options),
    close: () => Promise.resolve(registry.close()),
  };
};

const running = async (
  registry: Registry,
  { install, report }: ProcessRuntimeOptions,
): Promise<RuntimeResult<readonly Container[]>> => {
  const listed = registry.isClosed() ? null : await registry.records.list();
  if (listed?.ok !== true)
    return fail({ code: "runtime-unavailable", message: listed?.error.message ?? "It was closed." });
  for (const file of listed.value.torn) report(`${file} is torn. The process that it named is left alone.`);
  for (const record of listed.value.records) {
    const recorded = recordedIn(record);
    if (recorded?.label.install !== install || registry.isKnown(record.id)) continue;
    const state = stateOf(record);
    if (state === "running") registry.adopt(record, recorded);
    else if (state !== "elsewhere") await registry.reap(record);
  }
  return ok(registry.running());
};
