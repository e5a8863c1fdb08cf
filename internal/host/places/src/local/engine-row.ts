import { fail, ok, type Environment, type Result } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import { engineRuntime, listImages, type EngineImage } from "@nc/container-runtime/node";
import type { Ask, ChosenPlace, PlaceRow } from "../chosen-place.ts";
import { placedFilesIn, problemOf, type RuntimeInUse } from "../runtime-in-use.ts";
import { agentImageName, isNamed, placeAgentPrograms, versionLabel } from "./agent-image.ts";
import { findEngine, type EngineName, type FoundEngine } from "./find-engine.ts";
import { groupImages } from "./group-images.ts";
import { openLocal } from "./open-local.ts";
import { inImages } from "./programs.ts";
import { tryContainer } from "./try-container.ts";

/** Containers of an engine. */
export const engineRow = (name: EngineName): PlaceRow => ({
  flags: ["engineSocket"],
  look: async (ask) => {
    const { kept, env, isAuto } = ask;
    const { engineSocket } = ask.flags;
    const isKept = kept?.name === name && (engineSocket ?? kept.socketPath) === kept.socketPath;
    // The operator who names the runtime chooses its socket and its OCI runtime anew.
    const isByChoice = isAuto && engineSocket === undefined && isKept;
    const socket = isByChoice ? (kept.socketPath ?? undefined) : engineSocket;
    const ociRuntime = ask.ociRuntime ?? (isByChoice ? (kept.ociRuntime ?? undefined) : undefined);
    const options = { ...ask, ociRuntime };
    const usable = await usableEngine(name, socket, env);
    const refused = usable.ok && ociRuntime !== undefined ? (refusals[name]?.(ociRuntime) ?? null) : null;
    if (refused !== null) return { ok: false, error: refused, waiting: null };
    if (usable.ok) return ok(containers(usable.value, options));
    return { ...usable, waiting: isKept ? ofEngine({ ...kept, name }, null, options) : null };
  },
});

/** Podman 4.3.1 accepts any `HostConfig.Runtime`, and starts its default runtime. */
const refusals: Readonly<Partial<Record<EngineName, (ociRuntime: string) => Failure>>> = {
  podman: (ociRuntime) => ({
    code: "oci-runtime-unsupported",
    message: `Podman's API ignores the OCI runtime, so GATEHOUSE_OCI_RUNTIME=${ociRuntime} would have no effect.`,
    fix: `unset GATEHOUSE_OCI_RUNTIME, and set runtime = "${ociRuntime}" in the [engine] table of Podman's containers.conf`,
  }),
};

type Usable = { readonly engine: FoundEngine; readonly image: EngineImage };

/** Finds an engine that has the agents' image. */
export const usableEngine = async (
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

const containers = ({ engine, image }: Usable, ask: Ask): ChosenPlace => {
  const { version, warnings } = engine;
  const name = engine.name as EngineName;
  const built = image.labels[versionLabel];
  const by = ask.ociRuntime === undefined ? "" : ` by the OCI runtime ${ask.ociRuntime}`;
  return {
    ...ofEngine({ ...engine, name }, engine, ask),
    imageVersion: built ?? null,
    notes: [
      `Agents run in containers of ${name} ${version}${by}, without a network unless their group has an open one.`,
      ...warnings,
      ...(built === ask.version
        ? []
        : [
            `The agents' image is of gatehouse ${built ?? "?"}, this host of ${ask.version}: gatehouse image build --runtime ${name}`,
          ]),
    ],
  };
};

/** `facts` is null if the engine has not answered yet. */
const ofEngine = (
  { name, socketPath, version }: Pick<RuntimeInUse, "socketPath" | "version"> & { readonly name: EngineName },
  facts: FoundEngine | null,
  { env, flags: { npmAge }, ociRuntime }: Ask,
): ChosenPlace => {
  const socket = socketPath ?? "";
  const make: Parameters<typeof openLocal>[1]["make"] = (options) =>
    engineRuntime({
      ...options,
      name,
      socketPath: socket,
      facts,
      ...(ociRuntime === undefined ? {} : { ociRuntime }),
    });
  const chosen: ChosenPlace = {
    name,
    notes: [],
    inUse: { name, version, socketPath, ociRuntime: ociRuntime ?? null },
    imageVersion: null,
    problem: async () => problemOf(await usableEngine(name, socket, env)),
    tryStart: async () => {
      const tried = await tryContainer(make);
      return tried.ok
        ? { ok: true, said: `a container starts, with ${tried.value}.` }
        : { ok: false, said: `No container starts: ${tried.error}`, fix: "gatehouse image build" };
    },
    open: async (host) => {
      const { dataDir, install, programs } = host;
      const packages = groupImages(socket, install, npmAge);
      const walls = {
        packages,
        programsOf: inImages(host, packages),
        begin: () => placeAgentPrograms(dataDir, programs),
      };
      return openLocal(chosen, { make, folder: placedFilesIn, walls }, host);
    },
  };
  return chosen;
};
