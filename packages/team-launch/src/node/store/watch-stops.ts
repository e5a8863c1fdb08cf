import type { StopPort } from "../../lifecycle/launch-ports.ts";
import { launchFiles } from "./launch-files.ts";
import { textOf } from "./read-journals.ts";

/** How often a launch looks whether somebody has stopped it, ms. */
const everyMs = 75;

/** What a launch knows of stops: its own signal, which the caller's aborts too. */
export type StopWatch = StopPort & { readonly signal: AbortSignal; readonly end: () => void };

/**
 * Looks again and again whether a stop was asked for of this team's launches. What counts is that its mark has
 * changed since: one of an earlier launch stays where it is.
 */
export const watchStops = async (dataDir: string, team: string, caller: AbortSignal): Promise<StopWatch> => {
  const file = launchFiles(dataDir).stop(team);
  const asked = new AbortController();
  const before = await markIn(file);
  const look = async (): Promise<void> => {
    const mark = await markIn(file);
    if (mark !== null && mark !== before) asked.abort();
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return {
    signal: AbortSignal.any([caller, asked.signal]),
    look,
    isAsked: () => asked.signal.aborted,
    end: () => clearInterval(timer),
  };
};

/** A mark that cannot be read asks for nothing. */
const markIn = async (file: string): Promise<string | null> => textOf(file).catch(() => null);
