import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A line of the hosts' log. */
type LoggedEvent = {
  readonly level: string;
  readonly event?: string;
  readonly session?: string;
  readonly incarnation?: number;
  readonly err?: { readonly message: string; readonly stack: string };
};

/**
 * The log lines of all hosts of a data folder, oldest first. Left out are lines that a kill cut off, and those that
 * begin with a hole: after a power cut a log, which is not synced, may have zeros for what was not written.
 */
export const eventsIn = (dataDir: string): readonly LoggedEvent[] =>
  readdirSync(dataDir)
    .filter((name) => /^host\.log(\.\d+)?$/.test(name))
    .toSorted((a, b) => numberOf(b) - numberOf(a))
    .flatMap((name) => readFileSync(join(dataDir, name), "utf8").split("\n"))
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as LoggedEvent);

const numberOf = (name: string): number => Number(/\d+$/.exec(name)?.[0] ?? 0);
