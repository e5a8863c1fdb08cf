import type { Effect, SessionState, Stepped } from "./session-state.ts";

export const only = (state: SessionState): Stepped => ({ state, effects: [] });

export const reconcile: Effect = { do: "reconcile" };

export const killGracefully: Effect = { do: "kill", isGraceful: true };
