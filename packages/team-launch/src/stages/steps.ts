import { agentSteps } from "./agent-steps.ts";
import type { LaunchStep } from "./launch-facts.ts";
import { planSteps } from "./plan-steps.ts";
import { runSteps } from "./run-steps.ts";

/** Every launch, of a new team or a known one, is these steps in this order. */
export const launchSteps: readonly LaunchStep[] = [...planSteps, ...runSteps, ...agentSteps];
