import type { LoopTimes } from "../loop-times.ts";
import {
  killGracefully,
  withoutEffects,
  reconcile,
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
      return {
        state: { ...state, workload: { is: "stopping", run: workload.run, why: "asked" } },
        effects: [killGracefully],
      };
    case "none":
    case "exited":
      return withoutEffects(state);
  }
};

/** The workload of this incarnation speaks another version of the wire. */
export const outdated = (state: SessionState, incarnation: number): Stepped => {
  const { workload } = state;
  if (workload.is !== "running" || workload.run.incarnation !== incarnation) return withoutEffects(state);
  return {
    state: { ...state, workload: { is: "stopping", run: workload.run, why: "outdated" } },
    effects: [killGracefully],
  };
};

/** The next pass over the rows stops it if it has nothing in work; otherwise the pass after its turn. */
export const agentChanged = (state: SessionState, incarnation: number): Stepped => {
  const { workload } = state;
  if (workload.is !== "running" || workload.run.incarnation !== incarnation) return withoutEffects(state);
  const run = { ...workload.run, hasAgentChanged: true };
  return { state: { ...state, workload: { ...workload, run } }, effects: [reconcile] };
};

/** Stops a workload whose session has another provider or model by now, and that has nothing in work. */
export const stopChanged = (state: SessionState, { run }: WithRun): Stepped => ({
  state: { ...state, workload: { is: "stopping", run, why: "agent-changed" } },
  effects: [{ do: "log", event: "container-agent-changed", fields: {} }, killGracefully],
});

/** Stops a workload that had no work for `endIdleMs`. */
export const atRest = (state: SessionState, at: number, { endIdleMs }: LoopTimes): Stepped => {
  const { workload, usedAt } = state;
  if (workload.is !== "running") return withoutEffects(state);
  const forMs = at - Math.max(usedAt, workload.run.startedAt);
  if (forMs < endIdleMs) return withoutEffects(state);
  return {
    state: { ...state, workload: { is: "stopping", run: workload.run, why: "idle" } },
    effects: [{ do: "log", event: "container-idle", fields: { forMs } }, killGracefully],
  };
};
