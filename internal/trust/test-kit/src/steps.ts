import type { PreflightEvent, PreflightProgress } from "@trust/preflight";

/** Returns a listener for a batch's events that passes on only steps, not results. */
export const steps =
  (listener: (progress: PreflightProgress) => void) =>
  (event: PreflightEvent): void => {
    if (event.type === "step") listener(event);
  };
