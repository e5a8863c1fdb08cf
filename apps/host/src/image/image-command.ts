import { existsSync, readFileSync } from "node:fs";
import { copyFile, writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { noteActOfOwner } from "@gatehouse/data-folder";
import { dataFolder } from "@gatehouse/fs-kit";
import { fail, ok, visibleLines, type Result, systemCode } from "@gatehouse/std";
import { explain, type RuntimeError, type RuntimeResult } from "@nc/container-runtime";
import {
  listImages,
  pruneImages,
  type EngineImage,
  buildImage,
  type ImageBuild,
} from "@nc/container-runtime/node";
import {
  agentImageIn,
  agentImageName,
  bestFailure,
  engineNames,
  findEngine,
  isReplaced,
  readKeptRuntime,
  versionLabel,
  type EngineName,
  type FoundEngine,
} from "@gatehouse/places";

export type ImageFlags = {
  /** The engine's name. Default: the engine of the data folder's host, else the first engine that runs here. */
  readonly runtime?: string;
  readonly engineSocket?: string;
  readonly data?: string;
  readonly json?: boolean;
};

export type BuildFlags = ImageFlags & {
  /** The base image. Default: the Containerfile's default. */
  readonly base?: string;
  /** npm packages with their versions, for `npm install`; an empty list installs none. */
  readonly clis: readonly string[];
};

/** The files that go into the image. */
export type ImageFiles = {
  readonly containerfile: string;
  readonly version: string;
};

/** Builds the agents' image, and copies the engine's output to stderr. Returns the exit code. */
export const buildCommand = (flags: BuildFlags, files: ImageFiles, io: Io): Promise<number> =>
  onEngine(flags, io, async (engine) => {
    const { base, clis } = flags;
    const built = await buildInFolder(
      {
        socketPath: engine.socketPath,
        name: agentImageName,
        arguments: { ...(base === undefined ? {} : { BASE: base }), CLIS: clis.join(" ") },
        labels: { [versionLabel]: files.version },
        onOutput: (text) => void io.stderr.write(visibleLines(text.replaceAll("\r", ""))),
        signal: io.signal,
      },
      async (context) => {
        await copyFile(files.containerfile, join(context, "Containerfile"));
        await writeFile(join(context, "extra-ca.pem"), extraCertificates(io));
      },
    );
    if (!built.ok) return fail(failureOf(built.error));
    const image = { name: agentImageName, id: built.value, engine: engine.name };
    const args = { ...image, clis: clis.join(" "), ...(base === undefined ? {} : { base }) };
    await noteActOfOwner(dataFolder(io.env, flags.data), { command: "image build", args }, io);
    if (flags.json === true) printJson(io, { ok: true, ...image });
    else io.stdout.write(`built ${image.name} (${shortId(image.id)}) with ${image.engine}\n`);
    return ok(null);
  });

/** The time limit of a build, ms. */
const mostBuildMs = 15 * 60_000;

/**
 * Builds an image from a temporary folder, into which `place` writes a `Containerfile` and the files that it copies. If the
 * folder cannot be written (a full disk), the build fails.
 */
const buildInFolder = async (
  { signal, ...build }: Omit<ImageBuild, "context">,
  place: (context: string) => Promise<void>,
): Promise<RuntimeResult<string>> => {
  const context = await placed(place);
  if (!context.ok) return context;
  try {
    return await buildImage({
      ...build,
      context: context.value,
      signal: AbortSignal.any([signal, AbortSignal.timeout(mostBuildMs)]),
    });
  } finally {
    await rm(context.value, { recursive: true, force: true });
  }
};

/** Creates the folder and its files. Removes the folder if that fails. */
const placed = async (place: (context: string) => Promise<void>): Promise<RuntimeResult<string>> => {
  const parent = tmpdir();
  let context: string | null = null;
  try {
    context = await mkdtemp(join(parent, "gatehouse-image-"));
    await place(context);
    return ok(context);
  } catch (error) {
    if (context !== null) await rm(context, { recursive: true, force: true });
    return fail({
      code: "build-failed",
      message: `The files of the build cannot be written below ${parent} (${systemCode(error)}).`,
      fix: "Free space there, or name another folder with TMPDIR.",
    });
  }
};

/** The extra certificates that npm needs in a network that inspects TLS. */
const extraCertificates = ({ env }: Io): string => {
  const file = env["NODE_EXTRA_CA_CERTS"] ?? "";
  return file !== "" && existsSync(file) ? readFileSync(file, "utf8") : "";
};

/** Lists the images that `build` has made, the newest first. */
export const listCommand = (flags: ImageFlags, io: Io): Promise<number> =>
  onEngine(flags, io, async ({ socketPath }) => {
    const images = sameError(await listImages(socketPath, versionLabel));
    if (!images.ok) return images;
    if (flags.json === true) printJson(io, { ok: true, images: images.value.map(shown) });
    else if (images.value.length === 0) io.stdout.write("There are no images: gatehouse image build\n");
    else for (const image of images.value) io.stdout.write(`${lineOf(image)}\n`);
    return ok(null);
  });

/** Removes the unused images of earlier builds, and the unused images based on these. */
export const pruneCommand = (flags: ImageFlags, io: Io): Promise<number> =>
  onEngine(flags, io, async ({ socketPath }) => {
    const removed = sameError(await pruneImages(socketPath, versionLabel, isReplaced));
    if (!removed.ok) return removed;
    const act = { command: "image prune", args: { removed: removed.value.map(shortId).join(" ") } };
    if (removed.value.length > 0) await noteActOfOwner(dataFolder(io.env, flags.data), act, io);
    if (flags.json === true) printJson(io, { ok: true, removed: removed.value });
    else if (removed.value.length === 0) io.stdout.write("nothing to remove\n");
    else for (const id of removed.value) io.stdout.write(`removed ${shortId(id)}\n`);
    return ok(null);
  });

const onEngine = async (
  flags: ImageFlags,
  io: Io,
  act: (engine: FoundEngine) => Promise<Result<null, Failure>>,
): Promise<number> => {
  const engine = await engineOf(flags, io);
  const done = engine.ok ? await act(engine.value) : engine;
  if (!done.ok) printFailure(io, flags.json === true, done.error);
  return done.ok ? 0 : done.error.code === "usage" ? 2 : 1;
};

/** Finds the named engine, else that of the data folder's host, else the first engine that runs here. */
const engineOf = async (
  { runtime, engineSocket, data }: ImageFlags,
  { env }: Io,
): Promise<Result<FoundEngine, Failure>> => {
  const names = engineNames.filter((name) => runtime === undefined || name === runtime);
  if (names.length === 0)
    return fail({
      code: "usage",
      message: `There is no engine "${runtime}".`,
      fix: `choose one of: ${engineNames.join(", ")}`,
    });
  const kept = await readKeptRuntime(dataFolder(env, data));
  const used = kept.ok && engineSocket === undefined ? kept.value : null;
  const failures: Failure[] = [];
  for (const name of names.toSorted((a, b) => Number(b === used?.name) - Number(a === used?.name))) {
    const socket = name === used?.name ? (used.socketPath ?? undefined) : engineSocket;
    const found = await findEngine(name, socket, env);
    if (found.ok) return found;
    failures.push(found.error);
  }
  return fail(bestFailure(failures));
};

/**
 * The engine that runs here and lacks the agents' image, so that a new host would run no containers. Null if none lacks it, and
 * if the data folder or a flag has chosen something else.
 */
export const engineWithoutImage = async (
  { runtime = "auto", engineSocket, data }: ImageFlags,
  { env }: Io,
): Promise<EngineName | null> => {
  const kept = await readKeptRuntime(dataFolder(env, data));
  const chosen = runtime === "auto" ? (kept.ok ? kept.value?.name : undefined) : runtime;
  const lacking: EngineName[] = [];
  for (const name of engineNames.filter((each) => chosen === undefined || each === chosen)) {
    const engine = await findEngine(name, engineSocket, env);
    const image = engine.ok ? await agentImageIn(name, engine.value.socketPath) : null;
    if (image?.ok === true) return null;
    if (image?.error.code === "image-missing") lacking.push(name);
  }
  return lacking[0] ?? null;
};

const sameError = <T>(result: RuntimeResult<T>): Result<T, Failure> =>
  result.ok ? result : fail(failureOf(result.error));

const failureOf = (error: RuntimeError): Failure => ({ code: error.code, message: explain(error) });

const shortId = (id: string): string => id.replace("sha256:", "").slice(0, 12);

const shown = ({ id, names, labels, createdAt, bytes }: EngineImage): object => ({
  id,
  names,
  version: labels[versionLabel] ?? null,
  createdAt,
  bytes,
});

const lineOf = ({ id, names, labels, createdAt, bytes }: EngineImage): string =>
  [
    shortId(id),
    names[0] ?? "(replaced by a later build)",
    `gatehouse ${labels[versionLabel] ?? "?"}`,
    createdAt,
    `${Math.round(bytes / 1_000_000)} MB`,
  ].join("  ");
