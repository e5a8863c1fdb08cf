import type { Stop } from "../ports.ts";
import type { Budget } from "./budget.ts";
import type { DriveOptions } from "./drive-types.ts";
import { pace } from "./pace.ts";

export type BlankWatch = { see(rows: readonly string[]): void; readonly stop: Stop };

/**
 * Tells a run's budget when the screen becomes blank or shows text, and reports each time it has been blank for
 * `pace.blankMs`. A run starts with a blank screen.
 */
export const createBlankWatch = (
  { clock, onEvent }: Pick<DriveOptions<string>, "clock" | "onEvent">,
  budget: Budget,
): BlankWatch => {
  const startedAt = clock.now();
  const begin = (): Stop =>
    clock.after(pace.blankMs, () => onEvent?.({ type: "blank", at: clock.now() - startedAt }));
  let stop: Stop | null = begin();
  return {
    see: (rows) => {
      const isBlank = rows.every((row) => row.trim() === "");
      budget.blank(isBlank, clock.now());
      if (isBlank === (stop !== null)) return;
      stop?.();
      stop = isBlank ? begin() : null;
    },
    stop: () => stop?.(),
  };
};
