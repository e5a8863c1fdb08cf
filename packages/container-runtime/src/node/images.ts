import { spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fail, ok, parseJson, systemCode } from "@gatehouse/std";
import type { RuntimeResult } from "../runtime-result.ts";
import { apiVersion, askEngine, type AskOne } from "./engine/engine-client.ts";

/** An image that an engine has. */
export type EngineImage = {
  /** The engine's id: `sha256:…`. */
  readonly id: string;
  /** Its names; empty for one that a later build has taken its name from. */
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly bytes: number;
};

/** Docker has null where there are no names or labels. */
type Listed = {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>> | null;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Size: number;
};

const nameless = "<none>:<none>";

/** The images with this label, the newest first. */
export const listImages = (
  socketPath: string,
  label: string,
): Promise<RuntimeResult<readonly EngineImage[]>> => askEngine(socketPath, (one) => imagesWith(label, one));

/**
 * Removes the images with this label that are old and that no container uses. Returns their ids. By default an image is
 * old that has no name left.
 */
export const pruneImages = (
  socketPath: string,
  label: string,
  isOld: (image: EngineImage, all: readonly EngineImage[]) => boolean = ({ names }) => names.length === 0,
): Promise<RuntimeResult<readonly string[]>> =>
  askEngine(socketPath, async (one) => {
    const removed: string[] = [];
    const all = await imagesWith(label, one);
    // An image goes before the older one that it was built upon.
    for (const { id } of all.filter((image) => isOld(image, all))) {
      // Gone, in use, or not to be removed just now.
      const answer = await one({ method: "DELETE", path: `/images/${id}` }, [404, 409, 500]);
      if (answer !== null) removed.push(id);
    }
    return removed;
  });

const imagesWith = async (label: string, one: AskOne): Promise<readonly EngineImage[]> => {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const found = (await one({ method: "GET", path: `/images/json?filters=${filters}` })) as readonly Listed[];
  return found
    .toSorted((first, other) => other.Created - first.Created)
    .map(({ Id, RepoTags, Labels, Created, Size }) => ({
      // Podman 4.3.1 leaves `sha256:` out of some answers.
      id: Id.startsWith("sha256:") ? Id : `sha256:${Id}`,
      names: (RepoTags ?? []).filter((name) => name !== nameless),
      labels: Labels ?? {},
      createdAt: new Date(Created * 1000).toISOString(),
      bytes: Size,
    }));
};

export type ImageBuild = {
  /** The Unix socket of the engine's API. */
  readonly socketPath: string;
  /** A folder with a `Containerfile`, and the files that it copies. All of it is sent to the engine. */
  readonly context: string;
  /** The image's name; the last image with this name loses it, and its containers run on. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Called with the build's output as it comes: pieces of lines. */
  readonly onOutput: (text: string) => void;
  /** Ends the build. */
  readonly signal: AbortSignal;
};

/** A line of the engine's answer (API 1.41): output, progress of a pull, the image's id, or why it failed. */
type Line = {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string };
};

/**
 * Builds an image at an engine, with the machine's network, and returns its id. The build is the engine's work: this
 * process only passes output on. Nothing of a build that fails or is ended gets the name.
 */
export const buildImage = async (build: ImageBuild): Promise<RuntimeResult<string>> => {
  const { socketPath, context, signal } = build;
  // Numbers for owners: the image's own accounts do not matter, and names of this machine mean nothing there.
  const tar = spawn("tar", ["--numeric-owner", "--owner=0", "--group=0", "-C", context, "-cf", "-", "."], {
    stdio: ["ignore", "pipe", "ignore"],
    signal,
  });
  // What is wrong with it is seen at its end; a broken pipe is the engine's refusal.
  tar.on("error", () => {});
  const packed = once(tar, "close").catch((error: unknown) => [systemCode(error)] as const);
  try {
    const answer = await send(build, tar.stdout);
    const built = await resultOf(answer, build);
    const [code] = (await packed) as readonly [unknown];
    if (code === 0 || !built.ok) return built;
    return failed(`The files of ${context} could not be packed (tar: ${String(code)}).`);
  } catch (error) {
    tar.kill();
    if (signal.aborted) return failed("The build was ended.");
    return fail({
      code: "runtime-unavailable",
      message: `${socketPath} does not answer (${systemCode(error)}).`,
    });
  }
};

const send = (
  { socketPath, name, arguments: args, labels, signal }: ImageBuild,
  tar: Readable,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const query = new URLSearchParams({
      ...{ dockerfile: "Containerfile", t: name, networkmode: "host", forcerm: "1" },
      ...{ buildargs: JSON.stringify(args), labels: JSON.stringify(labels) },
    });
    const headers = { "content-type": "application/x-tar" };
    const path = `/${apiVersion}/build?${query}`;
    const sent = request({ socketPath, method: "POST", path, headers, signal }, resolve);
    sent.on("error", reject);
    tar.pipe(sent);
  });

const resultOf = async (
  answer: IncomingMessage,
  { onOutput }: ImageBuild,
): Promise<RuntimeResult<string>> => {
  let id: string | null = null;
  let error: string | null = null;
  let last = "";
  const isRefused = (answer.statusCode ?? 0) >= 400;
  for await (const text of createInterface({ input: answer })) {
    const line = (parseJson(text) ?? {}) as Line & { readonly message?: string };
    id = line.aux?.ID ?? id;
    error = line.error ?? line.message ?? error ?? (isRefused && text !== "" ? text : null);
    const output = line.stream ?? (line.status === undefined ? "" : `${line.status}\n`);
    if (output.trim() !== "") last = output;
    onOutput(output);
  }
  if (error !== null) return failed(error.trim());
  // Podman 4.3.1 ends its output with the id alone, and says it in no other way.
  const named = /^(?:sha256:)?([0-9a-f]{64})\s*$/.exec(last)?.[1];
  const built = id ?? (named === undefined ? null : `sha256:${named}`);
  return built === null ? failed("The engine ended the build without an image.") : ok(built);
};

const failed = (message: string): RuntimeResult<never> =>
  fail({
    ...{ code: "build-failed", message },
    ...(/no space left/i.test(message) ? { fix: "Free space where the engine keeps its images." } : {}),
  });
