import { spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { Readable } from "node:stream";
import { fail, ok, parseJson, systemCode, textLines } from "@gatehouse/std";
import type { RuntimeResult } from "../runtime-result.ts";
import { apiVersion, askEngine, type AskOne } from "./engine/engine-client.ts";

/** An image that an engine has. */
export type EngineImage = {
  /** The engine's id: `sha256:…`. */
  readonly id: string;
  /** Its names; empty if a later build took over its only name. */
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly bytes: number;
};

/** A row of the engine's list. Docker has null for an image without names or labels. */
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
 * Removes the old images with this label that no container uses, and returns their ids. By default, an image without a
 * name is old.
 */
export const pruneImages = (
  socketPath: string,
  label: string,
  isOld: (image: EngineImage, all: readonly EngineImage[]) => boolean = ({ names }) => names.length === 0,
): Promise<RuntimeResult<readonly string[]>> =>
  askEngine(socketPath, async (one) => {
    const removed: string[] = [];
    const all = await imagesWith(label, one);
    // The newest first: an image must be removed before the image that it was built upon.
    for (const { id } of all.filter((image) => isOld(image, all))) {
      // 404: already removed. 409: in use. 500: Podman cannot remove it at the moment.
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
  /** The image's name. The previous image with this name loses it, and its containers keep running. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Called with each part of the build's output; a part may be less than a line. */
  readonly onOutput: (text: string) => void;
  /** Aborts the build. */
  readonly signal: AbortSignal;
};

/** A line of the engine's answer (API 1.41): output, progress of a pull, the image's id, or an error. */
type Line = {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string };
};

/**
 * Builds an image in an engine, with the machine's network, and returns its id. A build that fails or is aborted
 * changes no name.
 */
export const buildImage = async (build: ImageBuild): Promise<RuntimeResult<string>> => {
  const { socketPath, context, signal } = build;
  // All files belong to root in the image: accounts of this machine mean nothing in it.
  const tar = spawn("tar", ["--numeric-owner", "--owner=0", "--group=0", "-C", context, "-cf", "-", "."], {
    stdio: ["ignore", "pipe", "ignore"],
    signal,
  });
  // `packed` handles an error of tar. A broken pipe means that the engine refused the build.
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
      dockerfile: "Containerfile",
      t: name,
      networkmode: "host",
      forcerm: "1",
      buildargs: JSON.stringify(args),
      labels: JSON.stringify(labels),
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
  for await (const text of linesOf(answer)) {
    const line = (parseJson(text) ?? {}) as Line & { readonly message?: string };
    id = line.aux?.ID ?? id;
    error = line.error ?? line.message ?? error ?? (isRefused && text !== "" ? text : null);
    const output = line.stream ?? (line.status === undefined ? "" : `${line.status}\n`);
    if (output.trim() !== "") last = output;
    onOutput(output);
  }
  if (error !== null) return failed(error.trim());
  // Podman 4.3.1 reports the id only as the last line of its output.
  const named = /^(?:sha256:)?([0-9a-f]{64})\s*$/.exec(last)?.[1];
  const built = id ?? (named === undefined ? null : `sha256:${named}`);
  return built === null ? failed("The engine ended the build without an image.") : ok(built);
};

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  const lines = textLines();
  for await (const chunk of answer.setEncoding("utf8")) yield* lines.push(String(chunk));
  yield lines.rest() ?? "";
}

/** The error of a build. If a disk is full, it has the fix. */
export const failed = (message: string): RuntimeResult<never> =>
  fail({
    code: "build-failed",
    message,
    ...(/no space left/i.test(message) ? { fix: "Free space where the engine keeps its images." } : {}),
  });
