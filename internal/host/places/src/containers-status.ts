import { existsSync } from "node:fs";
import { visible } from "@gatehouse/std";
import { explain } from "@nc/container-runtime";
import type { ListedContainer } from "@nc/container-runtime/node";
import { versionLabel } from "./local/agent-image.ts";
import { agentImageIn } from "./local/engine-row.ts";
import { judgeContainers, type JudgedContainers, type NamedContainer } from "./judge-containers.ts";
import { factsOf } from "./facts.ts";
import { sentence } from "./runtime-in-use.ts";
import { listRuntimes, type RuntimeQuery, type RuntimeList } from "./list-runtimes.ts";

type ShownPod = {
  readonly pod: string;
  /** Null if none has taken it yet. */
  readonly node: string | null;
  readonly state: ListedContainer["state"];
  readonly session: string | null;
};

/** The runtime of a host, and its containers compared with the rows of the database. */
export type ContainersStatus = JudgedContainers & {
  /** Null if no host has started in the data folder. */
  readonly runtime: {
    readonly name: string;
    readonly version: string | null;
    readonly socket: string | null;
    /** How many containers run; null if the runtime does not answer. */
    readonly running: number | null;
    /** Why the runtime does not answer. */
    readonly problem: string | null;
    /** Why agents wait although the engine answers: it has no image of agents. */
    readonly waits: string | null;
    /** The version of gatehouse that built the agents' image; null without such an image. */
    readonly image: string | null;
    /** The Pods, if agents run in them. */
    readonly pods?: readonly ShownPod[];
  } | null;
  /** Why the choice of the runtime cannot be read; null if it can. */
  readonly unreadable: string | null;
};

export type ContainersQuery = Pick<RuntimeQuery, "dataDir" | "env" | "installInCluster"> & {
  /** Returns the installation that labels this data folder's containers. Called only if the folder exists. */
  readonly install: () => string;
  /** Several hosts use the database. */
  readonly isShared: boolean;
  readonly hasHost: boolean;
  /** Reads the rows of the sessions whose container runs, and of the sessions with these ids. */
  readonly rowsOf: (ids: readonly string[]) => Promise<readonly NamedContainer[]>;
};

/** Lists the containers between two readings of the rows, and compares them. Changes nothing. */
export const containersStatus = async (query: ContainersQuery): Promise<ContainersStatus> => {
  const { dataDir, env, hasHost } = query;
  // A database on a server exists without the folder.
  if (!existsSync(dataDir)) return { runtime: null, unreadable: null, unowned: [], gone: null };
  const rowsOf = async (ids: readonly string[]): Promise<readonly NamedContainer[]> =>
    (await query.rowsOf(ids)).map((row) => ({
      ...row,
      // With several hosts, a session's container may run on another machine: no row names the machine.
      isRunning: row.isRunning && !query.isShared,
    }));
  const before = await rowsOf([]);
  const seen = await listRuntimes({
    dataDir,
    env,
    install: query.install(),
    installInCluster: query.installInCluster,
  });
  const after = await rowsOf(sessionsIn(seen));
  return {
    ...judgeContainers(seen, { before, after }, { hasHost }),
    runtime: await runtimeIn(seen),
    unreadable: seen.unreadable,
  };
};

const sessionsIn = ({ runtimes }: RuntimeList): readonly string[] => {
  const listed = runtimes.flatMap((runtime) => (runtime.listed.ok ? runtime.listed.value : []));
  return [...new Set(listed.flatMap(({ label }) => (label === null ? [] : [label.sessionId])))];
};

const runtimeIn = async ({ inUse, runtimes }: RuntimeList): Promise<ContainersStatus["runtime"]> => {
  const listed = runtimes.find(({ isInUse }) => isInUse)?.listed;
  if (inUse === null || listed === undefined) return null;
  const { name, version, socketPath: socket } = inUse;
  const shown = { name, version, socket };
  if (!listed.ok)
    return { ...shown, running: null, problem: explain(listed.error), waits: null, image: null };
  const image = socket === null ? null : await agentImageIn(name, socket);
  const pods = listed.value.map(({ reference: pod, node = null, state, label }): ShownPod => ({
    pod,
    node,
    state,
    session: label?.sessionId ?? null,
  }));
  return {
    ...shown,
    problem: null,
    running: listed.value.filter(({ state }) => state === "running").length,
    waits: image === null || image.ok ? null : sentence(image.error),
    image: image?.ok === true ? (image.value.labels[versionLabel] ?? null) : null,
    ...(inUse.kubernetes === undefined ? {} : { pods }),
  };
};

/** The containers part of the JSON document, with sessions by their ids. */
export const containersDocument = ({ runtime, unreadable, unowned, gone }: ContainersStatus): object => ({
  runtime,
  unreadable,
  gone: gone?.map(({ sessionId: session, incarnation }) => ({ session, incarnation })) ?? null,
  unowned: unowned.map(({ runtime: name, reference, state, pid, label, fix }) => ({
    runtime: name,
    reference,
    state,
    pid,
    session: label?.sessionId ?? null,
    incarnation: label?.incarnation ?? null,
    fix,
  })),
});

/** A row of `gatehouse status` about the containers. */
export type ContainersRow = {
  readonly name: string;
  readonly text: string;
  /** True for what a person has to mend. */
  readonly isWrong: boolean;
};

/** The containers part of the text output. The texts come from a file and an engine: no control character stays. */
export const containersRows = (
  { runtime, unreadable, unowned, gone }: ContainersStatus,
  hasHost: boolean,
): readonly ContainersRow[] => {
  const row = (name: string, text: string, isWrong = false): ContainersRow => ({
    name,
    text: visible(text),
    isWrong,
  });
  return [
    unreadable === null
      ? row("runtime", runtimeText(runtime), (runtime?.problem ?? runtime?.waits ?? null) !== null)
      : row("runtime", `not known: ${unreadable}`, true),
    ...(gone ?? []).map(({ sessionId }) =>
      row(
        "gone",
        `the container of ${sessionId}, which runs by its row: ${hasHost ? "the host notices it within a minute" : "gatehouse up goes on with its work"}`,
      ),
    ),
    ...unowned.map(({ runtime: name, reference, state, label, fix }) =>
      row(
        "unowned",
        `${name} ${shortOf(name, reference)} (${state}), ${label === null ? "with labels of another version" : `of ${label.sessionId}`}: ${fix}`,
        true,
      ),
    ),
  ];
};

/** A Pod is known by its whole name. */
const shortOf = (runtime: string, reference: string): string =>
  factsOf(runtime)?.at === "cluster" ? reference : reference.slice(0, 12);

/** How many Pods are on each node, and how many on none yet; empty without Pods. */
const nodesText = (pods: readonly ShownPod[]): string => {
  const live = pods.filter(({ state }) => state !== "ended");
  const ofNode = (name: string | null): number => live.filter(({ node }) => node === name).length;
  const nodes = [...new Set(live.flatMap(({ node }) => node ?? []))].toSorted();
  const waiting = ofNode(null);
  const counts = [
    ...nodes.map((node) => `${ofNode(node)} on ${node}`),
    ...(waiting === 0 ? [] : [`${waiting} on no node yet`]),
  ];
  return counts.length === 0 ? "" : ` (${counts.join(", ")})`;
};

const runtimeText = (runtime: ContainersStatus["runtime"]): string => {
  if (runtime === null) return "not known: no host of this version has run here";
  const { name, version, socket, running, problem, waits, pods = [] } = runtime;
  const { shown = name, isolation = null } = factsOf(name) ?? {};
  const named = socket === null ? shown : `${name} ${version ?? "?"} at ${socket}`;
  if (problem === null)
    return `${named}, ${running ?? 0} running${nodesText(pods)}${waits === null ? "" : `; agents wait: ${waits}`}`;
  const wait = isolation === "container" ? " Agents wait." : "";
  const start = socket === null ? "" : ` Fix: start ${name}.`;
  return `${named}, and what runs is not known: ${problem}${wait}${start}`;
};
