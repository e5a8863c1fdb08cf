import { visible } from "@gatehouse/std";
import { printFailure as printAny, printJson, type Io } from "@gatehouse/cli-kit/io";
import { eventOf, type Happening, type Whose } from "./events.ts";
import type { explainFailure } from "./explain-failure.ts";
import { explainHappening } from "./explain.ts";

/**
 * With JSON: prints the event as one line on stdout. If a person has something to do, also prints prose on
 * stderr, one line each.
 */
export const printHappening = (happening: Happening, whose: Whose, io: Io, isJson: boolean): void => {
  if (isJson) printJson(io, eventOf(happening, whose));
  const output = "why" in happening ? io.stderr : io.stdout;
  if (!isJson || "why" in happening) output.write(`${visible(explainHappening(happening, whose))}\n`);
};
/** Says why nothing was started, and returns the exit code. Its texts are loaded late: who runs needs none of them. */
export const printFailure = async (
  error: Parameters<typeof explainFailure>[0],
  whose: Whose,
  io: Io,
  isJson: boolean,
): Promise<number> => {
  const { explainFailure } = await import("./explain-failure.ts");
  printAny(io, isJson, explainFailure(error, whose));
  return 1;
};
