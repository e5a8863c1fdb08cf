import { agentSteps } from "./agent-steps.ts";
import type { LaunchStep } from "./launch-facts.ts";
import { planSteps } from "./plan-steps.ts";
import { runSteps } from "./run-steps.ts";

/** The steps of every launch, for new and known teams, in order. */
export const launchSteps: readonly LaunchStep[] = [...planSteps, ...runSteps, ...agentSteps];
