import { setTimeout as pause } from "node:timers/promises";
import type { ExitOnce } from "../exit-once.ts";

/** True if a container ends within so many ms. */
export const endsWithin = async ({ ended }: ExitOnce, ms: number): Promise<boolean> => {
  const timer = new AbortController();
  const isOver = pause(ms, false, { signal: timer.signal });
  const hasEnded = await Promise.race([ended.then(() => true), isOver]);
  timer.abort();
  return hasEnded;
};
