import type { StopPort } from "../../lifecycle/launch-ports.ts";
import { launchFiles } from "./launch-files.ts";
import { textOf } from "./read-journals.ts";

/** Interval at which a launch checks for a stop request, ms. */
const everyMs = 75;

/** The stop port of a launch, with a signal that also aborts when the caller's does. */
export type StopWatch = StopPort & { readonly signal: AbortSignal; readonly end: () => void };

/**
 * Checks at an interval whether a stop of this team's launches was requested: the content of the stop file has changed
 * since this call. The file of an earlier stop stays where it is.
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

/** An unreadable stop file counts as no request. */
const markIn = async (file: string): Promise<string | null> => textOf(file).catch(() => null);
