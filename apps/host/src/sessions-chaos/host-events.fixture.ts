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

/** What all hosts of a data folder logged, the oldest first. A line that a kill cut off is left out. */
export const eventsIn = (dataDir: string): readonly LoggedEvent[] =>
  readdirSync(dataDir)
    .filter((name) => /^host\.log(\.\d+)?$/.test(name))
    .toSorted((a, b) => numberOf(b) - numberOf(a))
    .flatMap((name) => readFileSync(join(dataDir, name), "utf8").split("\n"))
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as LoggedEvent);

const numberOf = (name: string): number => Number(/\d+$/.exec(name)?.[0] ?? 0);
