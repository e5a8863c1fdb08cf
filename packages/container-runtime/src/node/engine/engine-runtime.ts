import { isAbsolute, join } from "node:path";
import { fail, ok } from "@gatehouse/std";
import { type Cannot, isRequired, malformed, unmetBy, unsupported } from "../../check-spec.ts";
import type { Container, ContainerRuntime } from "../../runtime.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import type { RuntimeOptions } from "../../runtime.ts";
import { engineClient, NoEngine } from "./engine-client.ts";
import { engineCalls, type EngineCalls } from "./engine-calls.ts";
import { probeEngine, type EngineFacts } from "./probe-engine.ts";
import { processLimits } from "./process-limits.ts";
import { engineRegistry, type EngineRegistry } from "./engine-registry.ts";
import { startContainer } from "./start-container.ts";
import { checkFiles } from "../../files-in.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";

export type EngineRuntimeOptions = RuntimeOptions & {
  /** `docker` or `podman`. */
  readonly name: string;
  /** The Unix socket of the engine's API. */
  readonly socketPath: string;
  /** What `probeEngine` found; null if the engine has not answered yet. It is then asked before use. */
  readonly facts: Pick<EngineFacts, "cannot" | "isRootlessPodman"> | null;
  /** The engine's name of the OCI runtime that runs the containers, for example `runsc`. Default: the engine's. */
  readonly ociRuntime?: string;
};

/**
 * A runtime whose containers are those of Docker or Podman, through the Docker Engine API (1.41; seen with Docker
 * 20.10.24 and Podman 4.3.1).
 */
export const engineRuntime = (options: EngineRuntimeOptions): ContainerRuntime => {
  const { name, socketPath, install, folder, ociRuntime = null } = options;
  let known = options.facts;
  const client = engineClient(socketPath);
  const calls = engineCalls(client);
  const registry = engineRegistry({ ...options, client, calls });
  const limits = processLimits();
  const placedIn = (sessionId: string): string => join(folder, "placed", encodeURIComponent(sessionId));
  const asked = async (): Promise<RuntimeResult<NonNullable<typeof known>>> => {
    if (known !== null) return ok(known);
    const facts = await probeEngine(socketPath);
    if (!facts.ok) return fail(unavailable(name, facts.error.message));
    if (facts.value.name !== name)
      return fail(unavailable(name, `${socketPath} is ${facts.value.name}, not ${name}.`));
    return ok((known = facts.value));
  };
  return {
    name,
    get cannot() {
      return known?.cannot ?? {};
    },
    // A container sees the session's folder where the host has it.
    folderOf: ({ hostFolder }) => Promise.resolve(ok(hostFolder)),
    spawn: async (spec) => {
      if (spec.label.install !== install)
        throw new TypeError(`The runtime of ${install} starts nothing for ${spec.label.install}.`);
      const facts = await asked();
      if (!facts.ok) return facts;
      const problem = specProblem(spec, facts.value.cannot);
      if (problem !== null) return fail(problem);
      const placed = placedIn(spec.label.sessionId);
      const start = { spec, placed, calls, registry, ociRuntime, facts: facts.value, limits };
      return answered(options, () => startContainer(start));
    },
    running: async () => {
      const facts = await asked();
      return facts.ok ? answered(options, () => running(registry, options, calls)) : facts;
    },
    close: async () => {
      await registry.close();
      client.close();
    },
  };
};

/** Turns a `NoEngine` into the error `runtime-unavailable`. */
const answered = async <T>(
  { name }: EngineRuntimeOptions,
  run: () => Promise<RuntimeResult<T>>,
): Promise<RuntimeResult<T>> => {
  try {
    return await run();
  } catch (error) {
    if (error instanceof NoEngine) return fail(unavailable(name, error.message));
    throw error;
  }
};

const unavailable = (name: string, message: string): RuntimeError => ({
  code: "runtime-unavailable",
  message,
  fix: `Start ${name}, or name its socket.`,
});

const running = async (
  registry: EngineRegistry,
  { install }: EngineRuntimeOptions,
  calls: EngineCalls,
): Promise<RuntimeResult<readonly Container[]>> => {
  if (registry.isClosed()) return fail({ code: "runtime-unavailable", message: "The runtime was closed." });
  await registry.isWatching();
  for (const id of await calls.list(install)) await registry.find(id);
  await registry.checkAll();
  return ok(registry.running());
};

/** The error if no container can be created for this spec; null if one can. Nothing was created so far. */
const specProblem = (spec: WorkloadSpec, cannot: Cannot): RuntimeError | null => {
  const wrong = malformed(spec);
  if (wrong !== null) return wrong;
  if (spec.image === null)
    return unsupported("A container needs an image.", "Build one: gatehouse image build");
  const unmet = unmetBy(spec, cannot).find(({ ability }) => isRequired(ability));
  if (unmet !== undefined) return unsupported(unmet.reason);
  const files = checkFiles(spec.files);
  if (!files.ok) return files.error;
  const relative = spec.mounts.find(({ source, target }) => !isAbsolute(source) || !isAbsolute(target));
  if (relative === undefined) return null;
  return unsupported(`The mount of ${relative.source} needs absolute paths for its source and its target.`);
};
