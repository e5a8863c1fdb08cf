import type { PreflightEvent, PreflightProgress } from "@trust/preflight";

/** Listens to the steps of a batch, and not to its results. */
export const steps =
  (listener: (progress: PreflightProgress) => void) =>
  (event: PreflightEvent): void => {
    if (event.type === "step") listener(event);
  };
