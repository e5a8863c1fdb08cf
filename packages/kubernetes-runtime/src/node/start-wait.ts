import type { PodSeen } from "../pod-seen.ts";
import { podGone, podTrouble, type PodTrouble } from "../pod-trouble.ts";

/** A wait for a Pod's program to connect. */
export type StartWait = {
  /** Resolves with null when it has connected, else with why it has not. */
  readonly ended: Promise<PodTrouble | null>;
  readonly connected: () => void;
  /** Call it with each change of the Pod; null when it is not there any more. */
  readonly seen: (pod: PodSeen | null) => void;
  readonly giveUp: (trouble: PodTrouble) => void;
};

/** Time for a Pod to show itself and then to connect, whatever it says meanwhile, ms. */
const longestMs = 300_000;

/** Waits until a Pod's program has connected, or the same trouble has lasted for its patience. */
export const startWait = (): StartWait => {
  let end: (trouble: PodTrouble | null) => void = () => {};
  const ended = new Promise<PodTrouble | null>((resolve) => (end = resolve));
  let trouble: PodTrouble = nothingSeen;
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  const last = setTimeout(() => settle(trouble), longestMs);
  const settle = (why: PodTrouble | null): void => {
    hasEnded = true;
    clearTimeout(timer);
    clearTimeout(last);
    end(why);
  };
  return {
    ended,
    connected: () => settle(null),
    giveUp: settle,
    seen: (pod) => {
      if (hasEnded) return;
      const now = pod === null ? podGone : podTrouble(pod);
      const isSame = now.code === trouble.code;
      trouble = now;
      if (now.patienceMs === 0) return settle(now);
      if (isSame) return;
      clearTimeout(timer);
      timer = setTimeout(() => settle(trouble), now.patienceMs);
    },
  };
};

const nothingSeen: PodTrouble = {
  code: "unseen",
  message: "Kubernetes has not shown the Pod yet.",
  fix: "kubectl get pods says whether it is there",
  patienceMs: longestMs,
};
