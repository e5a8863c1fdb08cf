import type { LoopTimes } from "../loop-times.ts";
import {
  withoutEffects,
  reconcile,
  stopping,
  type SessionState,
  type Stepped,
  type WithRun,
} from "./session-state.ts";

/** The workload is asked to stop now, or as soon as it runs. */
export const stopAsked = (state: SessionState): Stepped => {
  const { workload } = state;
  switch (workload.is) {
    case "starting":
      return withoutEffects({ ...state, workload: { ...workload, isStopAsked: true } });
    case "running":
    case "stopping":
      return stopping(state, workload.run, "asked");
    case "none":
    case "exited":
      return withoutEffects(state);
  }
};

/** The workload of this incarnation speaks another version of the wire. */
export const outdated = (state: SessionState, incarnation: number): Stepped => {
  const { workload } = state;
  if (workload.is !== "running" || workload.run.incarnation !== incarnation) return withoutEffects(state);
  return stopping(state, workload.run, "outdated");
};

/** The next pass over the rows stops it if it has nothing in work; otherwise the pass after its turn. */
export const agentChanged = (state: SessionState, incarnation: number): Stepped => {
  const { workload } = state;
  if (workload.is !== "running" || workload.run.incarnation !== incarnation) return withoutEffects(state);
  const run = { ...workload.run, hasAgentChanged: true };
  return { state: { ...state, workload: { ...workload, run } }, effects: [reconcile] };
};

/** Stops a workload whose session has another provider or model by now, and that has nothing in work. */
export const stopChanged = (state: SessionState, { run }: WithRun): Stepped =>
  stopping(state, run, "agent-changed", { do: "log", event: "container-agent-changed", fields: {} });

/** Stops a workload that had no work for `endIdleMs`. */
export const atRest = (state: SessionState, at: number, { endIdleMs }: LoopTimes): Stepped => {
  const { workload, usedAt } = state;
  if (workload.is !== "running") return withoutEffects(state);
  const forMs = at - Math.max(usedAt, workload.run.startedAt);
  if (forMs < endIdleMs) return withoutEffects(state);
  return stopping(state, workload.run, "idle", { do: "log", event: "container-idle", fields: { forMs } });
};
