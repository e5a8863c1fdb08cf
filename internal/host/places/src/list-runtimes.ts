import { existsSync } from "node:fs";
import { fail, ok, type Environment } from "@gatehouse/std";
import type { RuntimeResult } from "@nc/container-runtime";
import { listContainers, listProcesses, type ListedContainer } from "@nc/container-runtime/node";
import type { PodSeen } from "@nc/kubernetes-runtime";
import { engineNames, socketsOf } from "./local/find-engine.ts";
import { errorOf } from "./pod/errors.ts";
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

/**
 * The time limits for an engine's answer and for a cluster's, ms: an operator waits for it. A program that signs in to a
 * cluster, such as `aws`, takes a second or two by itself.
 */
const [withinMs, clusterMs] = [2_000, 5_000];

/**
 * Lists the containers of an installation in the runtime in use, as processes and sandboxes, and in the other engines of
 * this machine. Asks the other engines only if the data folder has ever had an engine. Takes two seconds at most, with a cluster five.
 */
export const listRuntimes = async (query: RuntimeQuery): Promise<RuntimeList> => {
  const kept = await readKeptRuntime(query.dataDir);
  const inUse = kept.ok ? kept.value : null;
  const seen = await Promise.all(listedIn(query, inUse));
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
  place: KubernetesPlace,
): Promise<ListedRuntime["listed"]> => {
  if (install === null) return ok([]);
  const { isHeld, labelIn } = await import("@nc/kubernetes-runtime");
  const cluster = await openKeptCluster(place, env);
  if (!cluster.ok) return fail(errorOf(cluster.error));
  const listed = await cluster.value.list({ install }, AbortSignal.timeout(clusterMs));
  cluster.value.close();
  if (!listed.ok) return fail(errorOf(listed.error));
  const isDeleted = ({ metadata }: PodSeen): boolean => metadata.deletionTimestamp !== undefined;
  // The cluster is deleting the others, so they are no longer in use, unless a start waits for them.
  const inUse = listed.value.filter((pod) => !isDeleted(pod) || isHeld(pod));
  return ok(
    inUse.map((pod): Listed => {
      const { metadata, spec, status } = pod;
      return {
        reference: metadata.name,
        label: labelIn(metadata.labels),
        state: status.phase === "Pending" ? "made" : status.phase === "Running" ? "running" : "ended",
        pid: null,
        ...(spec.nodeName === undefined ? {} : { node: spec.nodeName }),
        ...(isDeleted(pod) ? { isHeld: true } : {}),
      };
    }),
  );
};

const listedIn = (query: RuntimeQuery, inUse: RuntimeInUse | null): readonly Promise<ListedRuntime>[] => {
  const { dataDir, env, install } = query;
  const { name: used = null, socketPath = null, kubernetes } = inUse ?? {};
  const engine = async (name: string, socket: string, isInUse: boolean): Promise<ListedRuntime> => ({
    name,
    socketPath: socket,
    isInUse,
    listed: await listContainers(socket, { install, withinMs }),
  });
  const pods = async (name: string, place: KubernetesPlace): Promise<ListedRuntime> => ({
    name,
    socketPath,
    kubernetes: place,
    isInUse: true,
    listed: await listPods(query, place),
  });
  const ofMachine = Object.entries(recordsIn)
    .filter(([name, folderIn]) => ["process", used].includes(name) || existsSync(folderIn(dataDir)))
    .map(async ([name, folderIn]) => ({
      name,
      socketPath: null,
      isInUse: used === name,
      listed: await listProcesses(folderIn(dataDir), install),
    }));
  const others = existsSync(placedFilesIn(dataDir))
    ? engineNames.flatMap((name) =>
        socketsOf(name, env)
          .filter((socket) => socket !== socketPath && existsSync(socket))
          .map((socket) => engine(name, socket, false)),
      )
    : [];
  return [
    ...(used === null || socketPath === null ? [] : [engine(used, socketPath, true)]),
    ...(used === null || kubernetes === undefined ? [] : [pods(used, kubernetes)]),
    ...ofMachine,
    ...others,
  ];
};
