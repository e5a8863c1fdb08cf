import { fail, ok, type Environment, type Result } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import {
  engineRuntime,
  listImages,
  processRuntime,
  runtimes,
  type EngineImage,
  type RuntimeTable,
} from "@nc/container-runtime/node";
import type { GroupImages } from "@gatehouse/workloads";
import { agentImageName, isNamed, versionLabel } from "./agent-image.ts";
import { groupImages } from "./group-images.ts";
import { processesInUse, type RuntimeInUse } from "./runtime-in-use.ts";
import { engineNames, findEngine, type EngineName, type FoundEngine } from "./find-engine.ts";

export type RuntimeFlags = {
  /** `auto` (the default), a row of `runtimes`, or the name of an engine. */
  readonly runtime?: string;
  /** The socket of the engine's API. Default: the engine's default sockets. */
  readonly engineSocket?: string;
  /** The least age of a group's npm packages, in days since their publication. Default: 3. */
  readonly npmAge?: number;
};

/** The runtime with which a host runs its agents. */
export type ChosenRuntime = {
  readonly make: RuntimeTable[string];
  /** The images of groups, if agents run in containers; else null. */
  readonly images: GroupImages | null;
  readonly inUse: RuntimeInUse;
  /** Messages for the operator, a sentence each. */
  readonly notes: readonly string[];
};

/** The values of `--runtime`. */
export const runtimeNames: readonly string[] = ["auto", ...Object.keys(runtimes), ...engineNames];

/** The environment variable that names the OCI runtime of agents' containers, such as `runsc`. */
const ociRuntimeVariable = "GATEHOUSE_OCI_RUNTIME";

/**
 * Chooses the runtime of agents. `auto` takes the first engine that runs here and has the agents' image, else processes; the
 * notes name the choice. Fails if a named engine cannot be used, or if no engine accepts the named OCI runtime.
 */
export const chooseRuntime = async (
  { runtime = "auto", engineSocket, npmAge }: RuntimeFlags,
  env: Environment,
  version: string,
): Promise<Result<ChosenRuntime, Failure>> => {
  if (!runtimeNames.includes(runtime))
    return fail({
      code: "unknown-runtime",
      message: `There is no runtime "${runtime}".`,
      fix: `choose one of: ${runtimeNames.join(", ")}`,
    });
  const make = Object.hasOwn(runtimes, runtime) ? runtimes[runtime] : undefined;
  if (make !== undefined) {
    if (engineSocket === undefined)
      return ok({ make, images: null, inUse: { ...processesInUse, name: runtime }, notes: [] });
    return fail({
      code: "usage",
      message: "--engine-socket goes with an engine.",
      fix: "name it with --runtime docker or podman",
    });
  }
  const ociRuntime = env[ociRuntimeVariable] || undefined;
  const isAuto = runtime === "auto";
  const reasons: string[] = [];
  let first: Failure | null = null;
  for (const name of isAuto ? engineNames : [runtime as EngineName]) {
    const usable = await usableEngine(name, engineSocket, env);
    const found =
      usable.ok && name === "podman" && ociRuntime !== undefined ? refuseForPodman(ociRuntime) : usable;
    if (found.ok) return ok(containers(found.value, version, { npmAge, ociRuntime }));
    if (found.error.code !== "engine-unavailable")
      reasons.push(`${found.error.message} fix: ${found.error.fix ?? ""}`);
    // The error of a running engine is more useful than that of an engine that does not run.
    const isRunning = found.error.code !== "engine-unavailable";
    if (first === null || (isRunning && first.code === "engine-unavailable")) first = found.error;
  }
  if (isAuto && engineSocket === undefined && ociRuntime === undefined)
    return ok({
      ...{ make: processRuntime, images: null, inUse: processesInUse },
      notes: [processNote, ...reasons],
    });
  return fail(first ?? { code: "engine-unavailable", message: "No engine runs here." });
};

/** Podman 4.3.1 accepts any `HostConfig.Runtime`, and starts its default runtime. */
const refuseForPodman = (ociRuntime: string): Result<never, Failure> =>
  fail({
    code: "oci-runtime-unsupported",
    message: `Podman's API ignores the OCI runtime, so ${ociRuntimeVariable}=${ociRuntime} would have no effect.`,
    fix: `unset ${ociRuntimeVariable}, and set runtime = "${ociRuntime}" in the [engine] table of Podman's containers.conf`,
  });

const processNote =
  "Agents run as processes, with all rights of their account on this machine. In a container they have only their group's folder: docs/containers.md.";

type Usable = { readonly engine: FoundEngine; readonly image: EngineImage };

/** Finds an engine that has the agents' image. */
const usableEngine = async (
  name: EngineName,
  socket: string | undefined,
  env: Environment,
): Promise<Result<Usable, Failure>> => {
  const engine = await findEngine(name, socket, env);
  if (!engine.ok) return engine;
  const images = await listImages(engine.value.socketPath, versionLabel);
  if (!images.ok) return fail({ code: "engine-unavailable", message: images.error.message });
  const image = images.value.find((each) => isNamed(each, agentImageName));
  if (image !== undefined) return ok({ engine: engine.value, image });
  return fail({
    code: "image-missing",
    message: `${name} has no image "${agentImageName}".`,
    fix: `gatehouse image build --runtime ${name}`,
  });
};

type ContainerOptions = { readonly npmAge: number | undefined; readonly ociRuntime: string | undefined };

const containers = (
  { engine, image }: Usable,
  version: string,
  { npmAge, ociRuntime }: ContainerOptions,
): ChosenRuntime => {
  const { name, socketPath, cannot } = engine;
  const built = image.labels[versionLabel];
  const oci = ociRuntime === undefined ? {} : { ociRuntime };
  const by = ociRuntime === undefined ? "" : ` by the OCI runtime ${ociRuntime}`;
  return {
    make: (options) => engineRuntime({ ...options, name, socketPath, cannot, ...oci }),
    images: groupImages(engine, npmAge === undefined ? {} : { npmAge }),
    inUse: { name, version: engine.version, socketPath },
    notes: [
      `Agents run in containers of ${name} ${engine.version}${by}, without a network unless their group has an open one.`,
      ...engine.warnings,
      ...(built === version
        ? []
        : [
            `The agents' image is of gatehouse ${built ?? "?"}, this host of ${version}: gatehouse image build --runtime ${name}`,
          ]),
    ],
  };
};
