import { existsSync } from "node:fs";
import type { Environment } from "@gatehouse/std";
import type { RuntimeResult } from "@nc/container-runtime";
import { listContainers, listProcesses, type ListedContainer } from "@nc/container-runtime/node";
import { engineNames, socketsOf } from "./find-engine.ts";
import { placedFilesIn, processRecordsIn, readRuntimeInUse, type RuntimeInUse } from "./runtime-in-use.ts";

/** A runtime where containers of an installation may be. */
export type SeenRuntime = Pick<RuntimeInUse, "name" | "socketPath"> & {
  /** The host of the data folder uses it, or did so last. */
  readonly isInUse: boolean;
  readonly listed: RuntimeResult<readonly ListedContainer[]>;
};

export type SeenRuntimes = {
  /** Null if no host has written it. */
  readonly inUse: RuntimeInUse | null;
  readonly runtimes: readonly SeenRuntime[];
};

/** Whose containers to look for, and where. */
export type RuntimeQuery = {
  readonly dataDir: string;
  readonly install: string;
  readonly env: Environment;
};

/** A person waits for the answer of an engine, ms. */
const withinMs = 2_000;

/**
 * Lists the containers of an installation: of the runtime in use, of processes, and of other engines that run here, if the
 * data folder ever had an engine. Changes nothing. Takes two seconds at most, and asks no engine where none was used.
 */
export const lookAtRuntimes = async (query: RuntimeQuery): Promise<SeenRuntimes> => {
  const { dataDir, install } = query;
  const inUse = await readRuntimeInUse(dataDir);
  const places = placesOf(query, inUse);
  const seen = await Promise.all(
    places.map(async (place): Promise<SeenRuntime> => {
      const { socketPath } = place;
      const listed =
        socketPath === null
          ? await listProcesses(processRecordsIn(dataDir), install)
          : await listContainers(socketPath, { install, withinMs });
      return { ...place, listed };
    }),
  );
  // Another engine that does not answer is not this host's trouble.
  return { inUse, runtimes: seen.filter(({ isInUse, listed }) => isInUse || listed.ok) };
};

const placesOf = (
  { dataDir, env }: RuntimeQuery,
  inUse: RuntimeInUse | null,
): readonly Omit<SeenRuntime, "listed">[] => {
  const used = inUse?.socketPath ?? null;
  const processes = { name: "process", socketPath: null, isInUse: inUse !== null && used === null };
  const engine = inUse !== null && used !== null ? [{ ...inUse, isInUse: true }] : [];
  const others = existsSync(placedFilesIn(dataDir))
    ? engineNames.flatMap((name) =>
        socketsOf(name, env)
          .filter((socketPath) => socketPath !== used && existsSync(socketPath))
          .map((socketPath) => ({ name, socketPath, isInUse: false })),
      )
    : [];
  return [...engine, processes, ...others];
};
