import { existsSync } from "node:fs";
import type { Failure } from "@gatehouse/cli-kit";
import { fail, ok, type Environment } from "@gatehouse/std";
import type { RuntimeResult } from "@nc/container-runtime";
import { listContainers, listProcesses, type ListedContainer } from "@nc/container-runtime/node";
import { engineNames, socketsOf } from "./local/find-engine.ts";
import {
  openKeptCluster,
  placedFilesIn,
  readKeptRuntime,
  recordsIn,
  sentence,
  type KubernetesPlace,
  type RuntimeInUse,
} from "./runtime-in-use.ts";

/** A runtime, and the containers of an installation in it. */
export type ListedRuntime = Pick<RuntimeInUse, "kubernetes" | "name" | "socketPath"> & {
  /** The host of the data folder uses this runtime, or its last host did. */
  readonly isInUse: boolean;
  readonly listed: RuntimeResult<readonly Listed[]>;
};

/** A container, or a Pod. */
export type Listed = ListedContainer & {
  /** The node of a Pod, once it has one. */
  readonly node?: string;
  /** True for a Pod that is being deleted, and may still write to its session's files. */
  readonly isHeld?: true;
};

export type RuntimeList = {
  /** Null if no host has started in the data folder, or if the choice cannot be read. */
  readonly inUse: RuntimeInUse | null;
  /** Why the choice cannot be read, in a line; null if it can. */
  readonly unreadable: string | null;
  readonly runtimes: readonly ListedRuntime[];
};

/** The installation whose containers are listed. */
export type RuntimeQuery = {
  readonly dataDir: string;
  readonly install: string;
  /** The name of the installation in a cluster; null if it has no Pods. */
  readonly installInCluster: string | null;
  readonly env: Environment;
};

/** The time limit for an engine's answer, ms: an operator waits for it. */
const withinMs = 2_000;

/**
 * Lists the containers of an installation in the runtime in use, as processes and sandboxes, and in the other engines of
 * this machine. Asks the other engines only if the data folder has ever had an engine. Takes two seconds at most.
 */
export const listRuntimes = async (query: RuntimeQuery): Promise<RuntimeList> => {
  const { dataDir, install } = query;
  const kept = await readKeptRuntime(dataDir);
  const inUse = kept.ok ? kept.value : null;
  const places = placesOf(query, inUse);
  const seen = await Promise.all(
    places.map(async (place): Promise<ListedRuntime> => {
      const { socketPath } = place;
      if (place.name === "kubernetes") return { ...place, listed: await listPods(query, place.kubernetes) };
      const listed =
        socketPath === null
          ? await listProcesses(recordsIn[place.name === "sandbox" ? "sandbox" : "process"](dataDir), install)
          : await listContainers(socketPath, { install, withinMs });
      return { ...place, listed };
    }),
  );
  // An engine that the host does not use may fail to answer.
  return {
    inUse,
    unreadable: kept.ok ? null : sentence(kept.error),
    runtimes: seen.filter(({ isInUse, listed }) => isInUse || listed.ok),
  };
};

/** Lists the Pods of an installation in the cluster that this environment names. */
const listPods = async (
  { installInCluster: install, env }: RuntimeQuery,
  place: KubernetesPlace | undefined,
): Promise<ListedRuntime["listed"]> => {
  if (install === null || place === undefined) return ok([]);
  const { isHeld, labelIn } = await import("@nc/kubernetes-runtime");
  const cluster = await openKeptCluster(place, env);
  if (!cluster.ok) return unavailable(cluster.error);
  const listed = await cluster.value.list({ install }, AbortSignal.timeout(withinMs));
  cluster.value.close();
  if (!listed.ok) return unavailable(listed.error);
  const shown = listed.value.map((pod): Listed => {
    const { phase } = pod.status;
    const { nodeName } = pod.spec;
    const isDeleted = pod.metadata.deletionTimestamp !== undefined;
    const state = phase === "Pending" ? "made" : phase === "Running" ? "running" : "ended";
    return {
      reference: pod.metadata.name,
      label: labelIn(pod.metadata.labels),
      state,
      pid: null,
      ...(nodeName === undefined ? {} : { node: nodeName }),
      ...(isDeleted && isHeld(pod) ? { isHeld: true } : {}),
    };
  });
  // The cluster is deleting the others, so they are no longer in use, unless a start waits for them.
  return ok(
    shown.filter((_, at) => {
      const pod = listed.value[at];
      return pod !== undefined && (pod.metadata.deletionTimestamp === undefined || isHeld(pod));
    }),
  );
};

const unavailable = ({ message, fix }: Failure): RuntimeResult<never> =>
  fail({ code: "runtime-unavailable", message, ...(fix === undefined ? {} : { fix: `Fix: ${fix}.` }) });

const placesOf = (
  { dataDir, env }: RuntimeQuery,
  inUse: RuntimeInUse | null,
): readonly Omit<ListedRuntime, "listed">[] => {
  const used = inUse?.socketPath ?? null;
  const ofMachine = Object.entries(recordsIn)
    .filter(([name, folderIn]) => ["process", inUse?.name].includes(name) || existsSync(folderIn(dataDir)))
    .map(([name]) => ({ name, socketPath: null, isInUse: inUse?.name === name }));
  const isElsewhere = used !== null || inUse?.name === "kubernetes";
  const engine = inUse !== null && isElsewhere ? [{ ...inUse, isInUse: true }] : [];
  const others = existsSync(placedFilesIn(dataDir))
    ? engineNames.flatMap((name) =>
        socketsOf(name, env)
          .filter((socketPath) => socketPath !== used && existsSync(socketPath))
          .map((socketPath) => ({ name, socketPath, isInUse: false })),
      )
    : [];
  return [...engine, ...ofMachine, ...others];
};
