import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { replaceFile } from "@gatehouse/fs-kit";
import type { PlaceCannot } from "@gatehouse/agent-clis/applied";
import type { Failure } from "@gatehouse/cli-kit";
import { fail, ok, parseJson, systemCode, type Environment, type Result } from "@gatehouse/std";
import type { Cluster } from "@nc/kubernetes-runtime/node";
import { factsOf } from "./facts.ts";

/**
 * The runtime with which a host runs its agents, in the form that `runtime.json` has. The file is the choice of a data
 * folder: `gatehouse up` keeps to it until the operator names another runtime.
 */
export type RuntimeInUse = {
  /** `process`, `sandbox`, `kubernetes`, or the name of an engine. */
  readonly name: string;
  /** The engine's version; null for processes. */
  readonly version: string | null;
  /** The Unix socket of the engine's API; null for processes. */
  readonly socketPath: string | null;
  /** The OCI runtime that the operator named; null for the engine's own. */
  readonly ociRuntime: string | null;
  /** Where Pods are made, and their image; only of Kubernetes. */
  readonly kubernetes?: KubernetesPlace;
};

/** Where Pods are made, their image, and the file with what the operator adds to each. */
export type KubernetesPlace = {
  readonly namespace: string;
  readonly image: string;
  readonly template?: string | undefined;
};

/** The runtime of a host without an engine. */
export const processesInUse: RuntimeInUse = {
  name: "process",
  version: null,
  socketPath: null,
  ociRuntime: null,
};

/** The folders with the records of agents that are processes of this machine, by the name of their runtime. */
export const recordsIn = {
  process: (dataDir: string): string => join(dataDir, "processes"),
  sandbox: (dataDir: string): string => join(dataDir, "sandboxes"),
} as const;

/** The folder with the files that a host may replace in containers of an engine. */
export const placedFilesIn = (dataDir: string): string => join(dataDir, "containers");

const fileIn = (dataDir: string): string => join(dataDir, "runtime.json");

/**
 * Atomically keeps the choice. Throws if that fails (a full disk), because the next start would choose anew. Writes nothing
 * if the file has the choice already.
 */
export const keepRuntime = async (dataDir: string, runtime: RuntimeInUse): Promise<void> => {
  const text = JSON.stringify(runtime);
  const kept = await readKeptRuntime(dataDir);
  if (kept.ok && kept.value !== null && JSON.stringify(kept.value) === text) return;
  await replaceFile(fileIn(dataDir), text);
};

/**
 * Reads the choice of a data folder; null if no host has started there. Fails if the file is torn or unreadable, because
 * agents must not run with less isolation than the operator chose.
 */
export const readKeptRuntime = async (dataDir: string): Promise<Result<RuntimeInUse | null, Failure>> => {
  let text: string;
  try {
    text = await readFile(fileIn(dataDir), "utf8");
  } catch (error) {
    const code = systemCode(error);
    // ENOTDIR: the data folder is a file, which the start refuses.
    return code === "ENOENT" || code === "ENOTDIR" ? ok(null) : fail(unreadable(dataDir, code));
  }
  const kept = runtimeIn(parseJson(text));
  return kept === null ? fail(unreadable(dataDir, "it is torn")) : ok(kept);
};

/** What the place of the kept choice lacks for a configuration; nothing without a choice. */
export const keptLacks = async (dataDir: string): Promise<PlaceCannot> => {
  const kept = await readKeptRuntime(dataDir);
  return (kept.ok && kept.value !== null ? factsOf(kept.value.name)?.cannot : null) ?? {};
};

const text = z.string().nullable().default(null);
const cluster = z.object({ namespace: z.string(), image: z.string(), template: z.string().optional() });
const choice = z.object({
  name: z.string(),
  version: text,
  socketPath: text,
  ociRuntime: text,
  kubernetes: cluster.optional(),
});

const runtimeIn = (read: unknown): RuntimeInUse | null => {
  const { kubernetes, ...kept } = choice.safeParse(read).data ?? { name: "" };
  const facts = factsOf(kept.name);
  if (facts === null || !("socketPath" in kept)) return null;
  if ((facts.at === "socket") !== (kept.socketPath !== null)) return null;
  if ((facts.at === "cluster") !== (kubernetes !== undefined)) return null;
  return kubernetes === undefined ? kept : { ...kept, kubernetes };
};

/** Opens the namespace of a host's Pods, in the cluster that this environment names. Asks nothing yet. */
export const openKeptCluster = async (
  { namespace }: KubernetesPlace,
  env: Environment,
): Promise<Result<Cluster, Failure>> => {
  const { kubeAccess, openCluster } = await import("@nc/kubernetes-runtime/node");
  const access = await kubeAccess(env);
  return access.ok ? ok(openCluster(access.value, namespace)) : access;
};

const unreadable = (dataDir: string, why: string): Failure => ({
  code: "runtime-choice-unreadable",
  message: `The choice of what runs the agents cannot be read from ${fileIn(dataDir)} (${why}).`,
  fix: "choose again with gatehouse up --runtime docker, podman, kubernetes, sandbox or process",
});

/** A failure as one line: the problem and its fix. */
export const sentence = ({ message, fix }: Failure): string =>
  fix === undefined ? message : `${message} Fix: ${fix}.`;

/** The problem of a look as one line; null if there is none. */
export const problemOf = (looked: Result<unknown, Failure>): string | null =>
  looked.ok ? null : sentence(looked.error);
