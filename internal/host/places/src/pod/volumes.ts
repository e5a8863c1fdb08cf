import { setTimeout as pause } from "node:timers/promises";
import { fail, ok } from "@gatehouse/std";
import type { ContainerLabel, RuntimeError, RuntimeResult } from "@nc/container-runtime";
import { hasEnded, hostLabel, isHeld, labelIn, type PodSeen } from "@nc/kubernetes-runtime";
import { sentence } from "../runtime-in-use.ts";
import { errorOf, hostStops } from "./errors.ts";
import type { PodsOptions } from "./pods-options.ts";

/**
 * The volumes of groups, and the Pods that may write to them. Without a claim in the template there are no volumes, and Pods
 * that held one before are let go all the same.
 */
export type Volumes = {
  /** Makes a group's volume, and waits until no earlier agent of the session may write to it any more. */
  readonly ready: (label: ContainerLabel) => Promise<RuntimeResult<null>>;
  /**
   * Call it before the Pod is told what to run: from then on the Pod holds its session's files. Fails if another Pod of the
   * session does.
   */
  readonly hold: (pod: string, label: ContainerLabel) => Promise<RuntimeResult<null>>;
  /** Lets the Pods go whose agents have ended, whichever host made them. Returns those that still hold their files. */
  readonly releaseEnded: (seen: readonly PodSeen[], signal?: AbortSignal) => Promise<readonly PodSeen[]>;
  /** Lets the Pods of this host go as they end, for a while: `seen` are all Pods. A host that has stopped lets none go. */
  readonly releaseOwn: (seen: () => readonly PodSeen[]) => Promise<void>;
};

type HostsPart = {
  /** Deletes a Pod. */
  readonly remove: (pod: string, graceSeconds: number) => Promise<void>;
  /** Aborted when the host stops. */
  readonly stopping: AbortSignal;
};

/** Time between two looks whether an agent has ended, ms. */
const lookMs = 500;

/** Time for the Pods of a host that stops to end, ms. */
const releaseMs = 10_000;

/** Time for a Pod whose agent has ended, s. */
export const idleGraceSeconds = 1;

/** Opens the volumes of an installation's groups. Asks nothing yet. */
export const openVolumes = (options: PodsOptions & HostsPart): Volumes => {
  const { cluster, template, install, owner, freeMs = 15_000, log, remove, stopping } = options;
  const claim = template?.claim ?? null;
  const releaseEnded: Volumes["releaseEnded"] = async (seen, signal) => {
    const held = seen.filter(isHeld);
    for (const { metadata } of held.filter(hasEnded)) {
      const released = await cluster.release(metadata.name, signal);
      // A later look finds the Pod, and tries again.
      if (!released.ok) log("pod-left", { pod: metadata.name, problem: sentence(released.error) });
    }
    return held.filter((pod) => !hasEnded(pod));
  };
  return {
    releaseEnded,
    ready: async ({ sessionId, groupId, token }) => {
      if (claim === null) return ok(null);
      const claimed = await cluster.claim(claim, { install, groupId }, { signal: stopping });
      if (!claimed.ok) return fail(errorOf(claimed.error));
      const late = AbortSignal.timeout(freeMs);
      for (;;) {
        const listed = await cluster.list({ install, session: sessionId }, stopping);
        if (stopping.aborted) return fail(hostStops);
        if (!listed.ok) return fail(errorOf(listed.error));
        const [pod] = await releaseEnded(listed.value, stopping);
        if (pod === undefined) return ok(null);
        if (late.aborted) return fail(stillHeld(pod));
        const { name, deletionTimestamp, labels } = pod.metadata;
        // Its host has a newer lease of the session than this one.
        if ((labelIn(labels)?.token ?? 0) > token) return fail(stillHeld(pod));
        if (deletionTimestamp === undefined) await remove(name, idleGraceSeconds);
        await pause(lookMs, undefined, { signal: stopping }).catch(() => {});
      }
    },
    hold: async (pod, { sessionId }) => {
      if (claim === null) return ok(null);
      const held = await cluster.hold(pod, stopping);
      if (!held.ok) return fail(errorOf(held.error));
      // A host whose lease is gone may start the session too. Both hold before they look, so at least one sees the other.
      const listed = await cluster.list({ install, session: sessionId }, stopping);
      const refused = listed.ok ? refusedBy(listed.value, pod) : errorOf(listed.error);
      if (refused === null) return ok(null);
      // It has no workload yet, so its agent wrote nothing.
      await cluster.release(pod, stopping);
      return fail(refused);
    },
    releaseOwn: async (seen) => {
      const signal = AbortSignal.timeout(releaseMs);
      while (claim !== null && !signal.aborted) {
        const own = seen().filter(({ metadata }) => metadata.labels[hostLabel] === owner);
        if ((await releaseEnded(own, signal)).length === 0) return;
        await pause(lookMs / 5, undefined, { signal }).catch(() => {});
      }
    },
  };
};

const refusedBy = (ofSession: readonly PodSeen[], pod: string): RuntimeError | null => {
  const other = ofSession.find((one) => one.metadata.name !== pod && isHeld(one) && !hasEnded(one));
  return other === undefined ? null : stillHeld(other);
};

const stillHeld = ({ metadata: { name }, spec: { nodeName = "?" }, status }: PodSeen): RuntimeError => {
  const takeOver = `gatehouse machines revoke ${name} --force-takeover`;
  const code = "runtime-unavailable";
  // Kubernetes 1.20 says no more of such a Pod, ever.
  if (status.reason === "Evicted")
    return {
      code,
      message: `The node ${nodeName} evicted the Pod ${name}, and has not said that the earlier agent of this session there has ended.`,
      fix: `Fix: if it says no more within a minute: ${takeOver}.`,
    };
  return {
    code,
    message: `An earlier agent of this session may still run in the Pod ${name} on the node ${nodeName}, and has its files.`,
    fix: `Fix: get the node to answer; if it is gone for good: ${takeOver}; with the node's name: all its Pods.`,
  };
};
