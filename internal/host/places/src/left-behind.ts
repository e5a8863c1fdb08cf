import { existsSync } from "node:fs";
import { fail, ok, shellWord, type Environment, type Result } from "@gatehouse/std";
import { explain } from "@nc/container-runtime";
import { listImages, pruneImages, type EngineImage } from "@nc/container-runtime/node";
import { agentImageName, repositoryOf, versionLabel } from "./local/agent-image.ts";
import { engineNames, findEngine } from "./local/find-engine.ts";
import { withPackages } from "./local/group-images.ts";
import { listRuntimes, type RuntimeQuery } from "./list-runtimes.ts";
import { placedFilesIn, readKeptRuntime } from "./runtime-in-use.ts";

/** The agents of a data folder whose host has ended, as `podman 4f…` or `process pr-1`. The error is a sentence. */
export const agentsLeft = async (query: RuntimeQuery): Promise<Result<readonly string[], string>> => {
  const { runtimes, unreadable } = await listRuntimes(query);
  if (unreadable !== null) return fail(unreadable);
  const left: string[] = [];
  for (const { name, listed } of runtimes) {
    if (!listed.ok) return fail(explain(listed.error));
    // A record of an ended process is a file of the data folder.
    const there = listed.value.filter(({ state, pid }) => pid === null || state !== "ended");
    left.push(...there.map(({ reference }) => `${name} ${shellWord(reference)}`));
  }
  return ok(left);
};

/** An image that gatehouse built, in the engine at a socket. */
export type BuiltImage = EngineImage & { readonly engine: string; readonly socketPath: string };

/** The images that gatehouse built, in the engines that answer. None for a data folder that never had an engine. */
export const builtImages = async (dataDir: string, env: Environment): Promise<readonly BuiltImage[]> => {
  const kept = await readKeptRuntime(dataDir);
  const used = kept.ok ? kept.value : null;
  if (!existsSync(placedFilesIn(dataDir)) && (used?.socketPath ?? null) === null) return [];
  const images: BuiltImage[] = [];
  for (const engine of engineNames) {
    const socket = engine === used?.name ? (used.socketPath ?? undefined) : undefined;
    const found = await findEngine(engine, socket, env);
    if (!found.ok) continue;
    const { socketPath } = found.value;
    const listed = await listImages(socketPath, versionLabel);
    if (listed.ok)
      images.push(...listed.value.filter(isBuilt).map((image) => ({ ...image, engine, socketPath })));
  }
  return images;
};

/** Removes an image. False if a container uses it, or another image is built upon it. */
export const removeBuiltImage = async ({ socketPath, id }: BuiltImage): Promise<boolean> => {
  const removed = await pruneImages(socketPath, versionLabel, (image) => image.id === id);
  return removed.ok && removed.value.includes(id);
};

/** False for an operator's image, which has the labels of the image that is its base. */
const isBuilt = ({ names }: EngineImage): boolean =>
  names.every((name) => [agentImageName, withPackages].includes(repositoryOf(name)));
