import { fail, ok, type Environment, type Result } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import {
  engineRuntime,
  listImages,
  probeSandbox,
  processRuntime,
  runtimes,
  sandboxRuntime,
  type EngineImage,
} from "@nc/container-runtime/node";
import { agentImageName, isNamed, versionLabel } from "./local/agent-image.ts";
import { groupImages } from "./local/group-images.ts";
import { packageFolders } from "./local/package-folders.ts";
import { processesInUse, readKeptRuntime, sentence, type RuntimeInUse } from "./runtime-in-use.ts";
import { choosePods } from "./choose-pods.ts";
import type { ChosenRuntime, RuntimeFlags } from "./chosen-runtime.ts";
import {
  bestFailure,
  engineNames,
  findEngine,
  type EngineName,
  type FoundEngine,
} from "./local/find-engine.ts";

/** The values of `--runtime`. */
export const runtimeNames: readonly string[] = [
  ...["auto", ...Object.keys(runtimes), ...engineNames, "kubernetes"],
];

/** The environment variable that names the OCI runtime of agents' containers, such as `runsc`. */
const ociRuntimeVariable = "GATEHOUSE_OCI_RUNTIME";

/**
 * Chooses the runtime of agents. `auto` means the kept choice. Without one, it takes the first engine that runs here and has
 * the agents' image, else sandboxes. Processes run only if the operator names them. The notes name the choice.
 *
 * A kept engine that does not run, or has no image, is still the choice: agents wait for it. Fails if another named engine
 * cannot be used, if no engine accepts the named OCI runtime, or if `auto` finds no isolation.
 */
export const chooseRuntime = async (
  flags: RuntimeFlags,
  env: Environment,
  version: string,
  kept: RuntimeInUse | null,
): Promise<Result<ChosenRuntime, Failure>> => {
  const { runtime = "auto", engineSocket, npmAge } = flags;
  if (!runtimeNames.includes(runtime))
    return fail({
      code: "unknown-runtime",
      message: `There is no runtime "${runtime}".`,
      fix: `choose one of: ${runtimeNames.join(", ")}`,
    });
  if (runtime === "kubernetes" || (runtime === "auto" && kept?.name === "kubernetes"))
    return choosePods(flags, env, kept);
  const { kubernetesImage, kubernetesNamespace, podTemplate } = flags;
  if ([kubernetesImage, kubernetesNamespace, podTemplate].some((flag) => flag !== undefined))
    return fail({
      code: "usage",
      message: "--kubernetes-image, --kubernetes-namespace and --pod-template go with --runtime kubernetes.",
    });
  if (Object.hasOwn(runtimes, runtime)) {
    if (engineSocket === undefined)
      return runtime === "sandbox" ? sandboxes({ env, npmAge }) : ok(processes(runtime, [processNote]));
    return fail({
      code: "usage",
      message: "--engine-socket goes with an engine.",
      fix: "name it with --runtime docker or podman",
    });
  }
  const namedOci = env[ociRuntimeVariable] || undefined;
  const isAuto = runtime === "auto";
  const isByChoice = isAuto && engineSocket === undefined;
  const engine = isAuto || kept?.name === runtime ? keptEngine(kept, engineSocket) : null;
  // The operator who names the runtime chooses its socket and its OCI runtime anew.
  const [socket, ociRuntime] =
    isByChoice && engine !== null
      ? [engine.socketPath, namedOci ?? engine.ociRuntime ?? undefined]
      : [engineSocket, namedOci];
  const options = { env, version, npmAge, ociRuntime };
  const names = !isAuto
    ? [runtime as EngineName]
    : isByChoice && engine !== null
      ? [engine.name]
      : engineNames;
  if (isByChoice && kept?.name === "sandbox" && ociRuntime === undefined)
    return ok(await keptSandboxes(options));
  if (isByChoice && kept !== null && engine === null && ociRuntime === undefined)
    return ok(processes(kept.name, [processNote, await offer(options)]));
  const tried = await firstUsable(names, socket, options);
  if (tried.found !== null) return ok(containers(tried.found, options));
  if (isByChoice && kept === null && ociRuntime === undefined) return withoutEngine(tried.failures, options);
  const { failure } = tried;
  if (engine === null || failure.code === "oci-runtime-unsupported") return fail(failure);
  return ok(waiting(engine, failure, options));
};

/**
 * Chooses with the choice that a data folder keeps. If that cannot be read, only a runtime that the operator names is
 * chosen.
 */
export const chooseForFolder = async (
  flags: RuntimeFlags,
  env: Environment,
  version: string,
  dataDir: string,
): Promise<Result<ChosenRuntime, Failure>> => {
  const kept = await readKeptRuntime(dataDir);
  if (!kept.ok && (flags.runtime ?? "auto") === "auto") return kept;
  return chooseRuntime(flags, env, version, kept.ok ? kept.value : null);
};

/** An engine of this machine, and its socket. */
type EnginePlace = Pick<RuntimeInUse, "ociRuntime" | "version"> & {
  readonly name: EngineName;
  readonly socketPath: string;
};

/** Returns the kept engine, unless the operator names another socket. */
const keptEngine = (kept: RuntimeInUse | null, engineSocket: string | undefined): EnginePlace | null => {
  const name = engineNames.find((each) => each === kept?.name);
  if (kept === null || name === undefined || kept.socketPath === null) return null;
  if (engineSocket !== undefined && engineSocket !== kept.socketPath) return null;
  return { ...kept, name, socketPath: kept.socketPath };
};

type EngineOptions = {
  readonly env: Environment;
  readonly version: string;
  readonly npmAge: number | undefined;
  readonly ociRuntime: string | undefined;
};

type Tried =
  | { readonly found: Usable }
  /** `failures`: of the engines that are here. */
  | { readonly found: null; readonly failure: Failure; readonly failures: readonly Failure[] };

/** Returns the first usable engine of these, or why there is none. */
const firstUsable = async (
  names: readonly EngineName[],
  socket: string | undefined,
  { env, ociRuntime }: EngineOptions,
): Promise<Tried> => {
  const failures: Failure[] = [];
  for (const name of names) {
    const usable = await usableEngine(name, socket, env);
    const found =
      usable.ok && name === "podman" && ociRuntime !== undefined ? refuseForPodman(ociRuntime) : usable;
    if (found.ok) return { found: found.value };
    failures.push(found.error);
  }
  return {
    found: null,
    failures: failures.filter(({ code }) => code !== "engine-unavailable"),
    failure: bestFailure(failures),
  };
};

/** Podman 4.3.1 accepts any `HostConfig.Runtime`, and starts its default runtime. */
const refuseForPodman = (ociRuntime: string): Result<never, Failure> =>
  fail({
    code: "oci-runtime-unsupported",
    message: `Podman's API ignores the OCI runtime, so ${ociRuntimeVariable}=${ociRuntime} would have no effect.`,
    fix: `unset ${ociRuntimeVariable}, and set runtime = "${ociRuntime}" in the [engine] table of Podman's containers.conf`,
  });

const processNote =
  "Agents run as processes, with all rights of their account on this machine: they can read its keys and this host's database. In a sandbox or a container they have only their group's folder: docs/sandboxes.md.";

/** The isolation that the operator of a host with processes can choose here, in a line. */
const offer = async (options: EngineOptions): Promise<string> => {
  const { found } = await firstUsable(engineNames, undefined, options);
  if (found !== null)
    return `${found.engine.name} runs here and has the agents' image: ${later(found.engine.name, "its containers")}`;
  const probed = await probeSandbox(options.env);
  return probed.ok
    ? `bubblewrap ${probed.value.version} is here: ${later("sandbox", "sandboxes")}`
    : `No sandbox starts here yet. ${sentence(probed.error)}`;
};

const later = (name: string, where: string): string =>
  `gatehouse up --runtime ${name} runs agents in ${where} from then on.`;

const processes = (name: string, notes: readonly string[]): ChosenRuntime => ({
  make: runtimes[name] ?? processRuntime,
  images: null,
  packages: null,
  inUse: { ...processesInUse, name },
  problem: () => Promise.resolve(null),
  imageVersion: null,
  notes,
});

type SandboxOptions = Pick<EngineOptions, "env" | "npmAge">;

/** Sandboxes. Fails if none starts here. */
const sandboxes = async (options: SandboxOptions): Promise<Result<ChosenRuntime, Failure>> => {
  const probed = await probeSandbox(options.env);
  return probed.ok ? ok(ofSandboxes([sandboxNote(probed.value.version)], options)) : probed;
};

/** Sandboxes, because no engine has the agents' image. `failures`: of the engines that are here. */
const withoutEngine = async (
  failures: readonly Failure[],
  options: SandboxOptions,
): Promise<Result<ChosenRuntime, Failure>> => {
  const chosen = await sandboxes(options);
  if (chosen.ok) {
    // A Podman that is only installed is no sign that its operator wants containers.
    const running = failures.filter(({ code }) => code !== "engine-silent");
    return ok({ ...chosen.value, notes: [...chosen.value.notes, ...running.map(sentence)] });
  }
  const { message, fix = "use containers of Docker or Podman" } = chosen.error;
  return fail({
    code: "no-isolation",
    message: [
      "Agents run neither in a sandbox nor in a container here.",
      message,
      ...failures.map(sentence),
    ].join(" "),
    fix: `${fix}; or gatehouse up --runtime process, which gives agents all rights of their account`,
  });
};

/** Sandboxes, which the data folder keeps. If none starts here, agents wait. */
const keptSandboxes = async (options: SandboxOptions): Promise<ChosenRuntime> => {
  const probed = await probeSandbox(options.env);
  return ofSandboxes(
    [
      probed.ok
        ? sandboxNote(probed.value.version)
        : `Agents wait, and their messages are kept: ${sentence(probed.error)}`,
    ],
    options,
  );
};

const sandboxNote = (version: string): string =>
  `Agents run in sandboxes of bubblewrap ${version}: with the machine's programs and their group's folder, without a network unless their group has an open one.`;

const ofSandboxes = (notes: readonly string[], { env, npmAge }: SandboxOptions): ChosenRuntime => ({
  make: sandboxRuntime,
  images: null,
  packages: (place) => packageFolders({ ...place, env, npmAge }),
  inUse: { ...processesInUse, name: "sandbox" },
  imageVersion: null,
  problem: async () => {
    const probed = await probeSandbox(env);
    return probed.ok ? null : sentence(probed.error);
  },
  notes,
});

type Usable = { readonly engine: FoundEngine; readonly image: EngineImage };

/** Finds an engine that has the agents' image. */
const usableEngine = async (
  name: EngineName,
  socket: string | undefined,
  env: Environment,
): Promise<Result<Usable, Failure>> => {
  const engine = await findEngine(name, socket, env);
  if (!engine.ok) return engine;
  const image = await agentImageIn(name, engine.value.socketPath);
  return image.ok ? ok({ engine: engine.value, image: image.value }) : image;
};

/** Finds the agents' image in an engine. */
export const agentImageIn = async (
  name: string,
  socketPath: string,
): Promise<Result<EngineImage, Failure>> => {
  const images = await listImages(socketPath, versionLabel);
  if (!images.ok) return fail({ code: "engine-unavailable", message: images.error.message });
  const image = images.value.find((each) => isNamed(each, agentImageName));
  if (image !== undefined) return ok(image);
  return fail({
    code: "image-missing",
    message: `${name} has no image "${agentImageName}".`,
    fix: `gatehouse image build --runtime ${name}`,
  });
};

const containers = ({ engine, image }: Usable, options: EngineOptions): ChosenRuntime => {
  const { name, version } = engine;
  const { ociRuntime } = options;
  const built = image.labels[versionLabel];
  const by = ociRuntime === undefined ? "" : ` by the OCI runtime ${ociRuntime}`;
  return {
    ...ofEngine({ ...engine, name: name as EngineName }, engine, options),
    imageVersion: built ?? null,
    notes: [
      `Agents run in containers of ${name} ${version}${by}, without a network unless their group has an open one.`,
      ...engine.warnings,
      ...(built === options.version
        ? []
        : [
            `The agents' image is of gatehouse ${built ?? "?"}, this host of ${options.version}: gatehouse image build --runtime ${name}`,
          ]),
    ],
  };
};

/** The runtime of an engine of which the operator's choice is kept, and which cannot start agents now. */
const waiting = (engine: EnginePlace, failure: Failure, options: EngineOptions): ChosenRuntime => ({
  ...ofEngine(engine, null, options),
  imageVersion: null,
  notes: [`Agents wait, and their messages are kept: ${sentence(failure)}`],
});

/** `facts` is null if the engine has not answered yet. */
const ofEngine = (
  { name, socketPath, version }: Omit<EnginePlace, "ociRuntime">,
  facts: FoundEngine | null,
  { env, npmAge, ociRuntime }: EngineOptions,
): Omit<ChosenRuntime, "notes" | "imageVersion"> => ({
  make: (options) =>
    engineRuntime({
      ...options,
      name,
      socketPath,
      facts,
      ...(ociRuntime === undefined ? {} : { ociRuntime }),
    }),
  images: (install) => groupImages({ socketPath }, install, npmAge === undefined ? {} : { npmAge }),
  packages: null,
  inUse: { name, version, socketPath, ociRuntime: ociRuntime ?? null },
  problem: async () => {
    const usable = await usableEngine(name, socketPath, env);
    return usable.ok ? null : sentence(usable.error);
  },
});
