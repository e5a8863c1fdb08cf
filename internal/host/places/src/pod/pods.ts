import { randomBytes } from "node:crypto";
import type { WelcomedLine } from "../machine/frames.ts";
import { newSecret } from "../machine/machine-rows.ts";
import type { Guest } from "../machine/machines.ts";
import { remoteContainer, type RemoteContainer } from "../machine/remote-container.ts";
import { sentFiles } from "../machine/sent-files.ts";
import { fail, ok } from "@gatehouse/std";
import type { Workload } from "@gatehouse/workloads";
import type { Container, Exit, RuntimeError, RuntimeResult } from "@nc/container-runtime";
import {
  hostLabel,
  isOver,
  podGone,
  podName,
  podTrouble,
  sessionLabel,
  type PodSeen,
  type PodTrouble,
} from "@nc/kubernetes-runtime";
import { startWait, type Cluster, type StartWait } from "@nc/kubernetes-runtime/node";
import { errorOf, hostStops, mendOf } from "./errors.ts";
import type { OpenPlace } from "../chosen-place.ts";
import { sentence } from "../runtime-in-use.ts";
import type { PodsOptions } from "./pods-options.ts";
import { idleGraceSeconds, openVolumes } from "./volumes.ts";

type Pod = Pick<RemoteContainer, "container" | "exit" | "start"> & {
  readonly name: string;
  readonly wait: StartWait;
  readonly guest: Guest;
  /** Call it with each change in the cluster; null when the Pod is not there any more. */
  readonly seen: (pod: PodSeen | null) => void;
};

/** Time beyond its grace in which a Pod reports the end of its agent, ms. */
const lateMs = 5_000;

/** Time for the cluster to delete a Pod while the host stops, ms. */
const stopMs = 3_000;

/** Opens the Pods of an installation, and watches them until the runtime is closed. */
export const openPods = (options: PodsOptions): Omit<OpenPlace, "begin"> => {
  const { cluster, image, template = { pod: {}, claim: null }, install, owner, host, log, report } = options;
  const pods = new Map<string, Pod>();
  const byToken = new Map<string, Pod>();
  const stopping = new AbortController();
  let unwatch: (() => void) | null = null;
  /** The Pods of all hosts as the watch shows them, and whether it does. */
  const there = new Map<string, PodSeen>();
  let isWatched = false;
  /** Watches from the first look or start on. */
  const watch = (): void => {
    unwatch ??= cluster.watch({
      install,
      listed: () => (isWatched = true),
      changed: (name, pod) => {
        if (pod === null) there.delete(name);
        else there.set(name, pod);
        pods.get(name)?.seen(pod);
        if (pod !== null) void volumes.releaseEnded([pod]).catch(report);
      },
      trouble: (problem) => {
        isWatched = problem === null;
        log("pods-watch", { problem: problem === null ? null : sentence(problem), server: cluster.server });
      },
    });
  };
  const remove = async (name: string, graceSeconds: number): Promise<void> => {
    const { signal } = stopping;
    // A cluster that does not answer must not keep the host from stopping.
    const soon = signal.aborted ? AbortSignal.timeout(stopMs) : undefined;
    const removed = await cluster.remove(name, graceSeconds, soon);
    // A later look finds the Pod, and deletes it.
    if (!removed.ok) log("pod-left", { pod: name, problem: sentence(removed.error) });
  };
  const volumes = openVolumes({ ...options, remove, stopping: stopping.signal });
  const forget = (token: string, { name, exit, wait }: Pod): void => {
    byToken.delete(token);
    pods.delete(name);
    wait.giveUp(podGone);
    exit.settle(unseen(podGone));
  };
  /** The request that a stop ends looks as if the cluster were away. */
  const unlessStopping = (error: RuntimeError): RuntimeError => (stopping.signal.aborted ? hostStops : error);
  const start = async (workload: Workload, sessionToken: string): Promise<RuntimeResult<Container>> => {
    if (stopping.signal.aborted) return fail(hostStops);
    watch();
    const { label, limits, graceMs } = workload;
    const { sessionId, groupId, incarnation } = label;
    // Before the Pod is made, which a failure here would leave.
    const files = await sentFiles(workload.files);
    if (!files.ok) return files;
    const volume = await volumes.ready(label);
    if (!volume.ok) return fail(unlessStopping(volume.error));
    const random = [...randomBytes(6)].map((byte) => (byte % 36).toString(36)).join("");
    const name = podName(sessionId, incarnation, random);
    const token = newSecret();
    const pod = podOf(options, workload, name, remove);
    pods.set(name, pod);
    byToken.set(token, pod);
    const failed = async (error: RuntimeError, grace = 0): Promise<RuntimeResult<never>> => {
      forget(token, pod);
      await remove(name, grace);
      return fail(error);
    };
    const graceSeconds = Math.ceil((graceMs + lateMs) / 1000);
    const made = await cluster.make(
      {
        name,
        install,
        host: owner,
        sessionId,
        groupId,
        incarnation,
        token: label.token,
        groupFolder: workload.folder,
        image: workload.image ?? image,
        template,
        graceSeconds,
        cpus: limits.cpus,
        memoryMb: limits.memory_mb,
        network: limits.network ?? "gateway",
      },
      { ...host, token, isUsed: true, since: "" },
      stopping.signal,
    );
    if (!made.ok) return failed(unlessStopping(errorOf(made.error)));
    log("pod-made", { pod: name, session: sessionId, incarnation });
    pod.seen(made.value);
    const trouble = await pod.wait.ended;
    if (trouble !== null) return failed(await explained(cluster, made.value.metadata.uid, trouble));
    const held = await volumes.hold(name, label);
    if (!held.ok) return failed(unlessStopping(held.error));
    const started = await pod.start(workload, files.value, sessionToken);
    if (!started.ok) return failed(started.error, idleGraceSeconds);
    pod.exit.onExit(() => {
      forget(token, pod);
      void remove(name, idleGraceSeconds).catch(report);
    });
    return ok(pod.container);
  };
  return {
    guestOf: (token) => byToken.get(token)?.guest ?? null,
    endStarting: () => {
      stopping.abort();
      for (const { wait } of pods.values()) wait.giveUp(stopped);
    },
    ...options.seen,
    bindsGroups: true,
    packages: null,
    start,
    listening: () => {},
    left: async () => {
      watch();
      // A list of a thousand Pods has megabytes, and this is asked several times a minute.
      const listed = isWatched ? ok([...there.values()]) : await cluster.list({ install });
      if (!listed.ok) return fail(errorOf(listed.error));
      await volumes.releaseEnded(listed.value);
      const heard = await options.heardHosts();
      for (const { metadata } of listed.value) {
        const { name, labels, deletionTimestamp } = metadata;
        const maker = labels[hostLabel] ?? "";
        const isOfOther = maker !== owner && heard.has(maker);
        if (pods.has(name) || isOfOther || deletionTimestamp !== undefined) continue;
        log("pod-reaped", { pod: name, session: labels[sessionLabel] ?? null });
        await remove(name, idleGraceSeconds);
      }
      return ok([...pods.values()].map(({ container }) => container));
    },
    close: async () => {
      stopping.abort();
      await Promise.all([...pods.keys()].map((name) => remove(name, idleGraceSeconds)));
      await volumes.releaseOwn(() => (isWatched ? [...there.values()] : []));
      unwatch?.();
      cluster.close();
    },
  };
};

const podOf = (
  { log, goneMs = 60_000 }: PodsOptions,
  { label, folder }: Workload,
  name: string,
  remove: (name: string, graceSeconds: number) => Promise<void>,
): Pod => {
  const { sessionId, incarnation } = label;
  const wait = startWait();
  let line: WelcomedLine | null = null;
  let last: PodTrouble | null = null;
  const { container, exit, start, lost, found } = remoteContainer({
    reference: name,
    label,
    line: () => line,
    killUnreached: (graceMs) => void remove(name, Math.ceil(graceMs / 1000)),
    unseen: () => unseen(last),
    goneMs,
    away: { code: "spawn-failed", message: `The Pod ${name} is not connected.` },
    refusal: (message) => message,
  });
  return {
    name,
    container,
    exit,
    start,
    wait,
    guest: {
      group: folder,
      welcomed: (opened) => {
        line?.bye("replaced", "This Pod has connected anew.");
        line = opened;
        found();
        log("pod-connected", { pod: name, session: sessionId, incarnation });
        wait.connected();
      },
      exited: (frame) => {
        if (frame.sessionId === sessionId && frame.incarnation === incarnation) exit.settle(frame.exit);
      },
      ended: (closed) => {
        if (line !== closed) return;
        line = null;
        log("pod-disconnected", { pod: name, session: sessionId, incarnation });
        if (last !== null) return exit.settle(unseen(last));
        lost(unseen(away));
      },
    },
    seen: (pod) => {
      wait.seen(pod);
      if (pod !== null && !isOver(pod)) return;
      last = pod === null ? (last ?? podGone) : podTrouble(pod);
      // The object's absence proves nothing while the program still answers.
      if (line === null || pod !== null) exit.settle(unseen(last));
    },
  };
};

/** How an agent ended is not known, but perhaps why. */
const unseen = (trouble: PodTrouble | null): Exit => ({
  code: null,
  signal: null,
  lastLines: trouble === null ? [] : [`${trouble.message} ${mendOf(trouble)}`],
});

const explained = async (cluster: Cluster, uid: string, trouble: PodTrouble): Promise<RuntimeError> => {
  const warned = trouble.code === "starting" ? await cluster.warnings(uid) : ok([]);
  const [warning] = warned.ok ? warned.value.slice(-1) : [];
  return {
    code: trouble.code.startsWith("image-") ? "image-missing" : "spawn-failed",
    message: warning === undefined ? trouble.message : `${trouble.message} ${warning}`,
    fix: mendOf(trouble),
  };
};

const stopped: PodTrouble = {
  code: "stopped",
  message: hostStops.message,
  fix: "start the host again",
  patienceMs: 0,
};

const away: PodTrouble = {
  code: "away",
  message: "The Pod's program was not connected for too long.",
  fix: "look at its node: kubectl get nodes; the next message starts another Pod",
  patienceMs: 0,
};
