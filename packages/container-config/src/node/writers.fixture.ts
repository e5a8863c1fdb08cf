import { getFrom, type FixtureTables } from "./store.fixture.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Kysely } from "kysely";
import { expect, inject } from "vitest";
import { containerConfigStore } from "./config-store.ts";

const program = inject("programs").writer;

/** A process that updates configurations. */
export type Writer = {
  readonly name: string;
  /** The number of updates that it has reported as committed, by group. */
  readonly reported: ReadonlyMap<string, number>;
  /** Tells it to make this many more updates. */
  write(updates: number): void;
  /** Lets it end after all its updates. */
  finish(): void;
  kill(): void;
  /** Resolves after this many more reports, or at its end. */
  moreReports(count: number): Promise<void>;
  /** Its exit code and what it wrote to stderr. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
};

/** Starts a writer, which waits for `write`. */
export const startWriter = (file: string, name: string, groups: readonly string[]): Writer => {
  const child = spawn(process.execPath, [program, file, name, ...groups]);
  // Writing to a killed writer fails.
  child.stdin.on("error", () => undefined);
  const reported = new Map<string, number>();
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const [group = "", count = ""] = line.split(" ");
    reported.set(group, Number(count));
  });
  let stderr = "";
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const ended = Promise.all([once(child, "close"), once(lines, "close")]).then(([[code]]) => ({
    code: code as number | null,
    stderr,
  }));
  return {
    name,
    reported,
    ended,
    write: (updates) => void child.stdin.write(`${updates}\n`),
    finish: () => void child.stdin.end(),
    kill: () => void child.kill("SIGKILL"),
    moreReports: (count) => moreLines(lines, count, ended),
  };
};

const moreLines = async (
  lines: NodeJS.EventEmitter,
  count: number,
  ended: Promise<unknown>,
): Promise<void> => {
  let left = count;
  await Promise.race([
    ended,
    new Promise<void>((resolve) => {
      const take = () => {
        left -= 1;
        if (left > 0) return;
        lines.off("line", take);
        resolve();
      };
      lines.on("line", take);
    }),
  ]);
};

/**
 * Expects, also after kills: generations without gaps, each in the history; the last one equal to the row;
 * one update per generation; every reported update saved.
 */
export const expectWhole = async (
  db: Kysely<FixtureTables>,
  groups: readonly string[],
  writers: readonly Writer[],
): Promise<void> => {
  const store = containerConfigStore(db, { now: () => "" });
  for (const group of groups) {
    const config = await getFrom(store, group);
    if (config === null) throw new Error(`${group} is gone`);
    const history = await store.history(group, { limit: 1_000_000 });
    const newestFirst = Array.from({ length: config.generation }, (_, index) => config.generation - index);
    expect(history.map(({ generation }) => generation)).toEqual(newestFirst);
    expect(await store.diff(group, { from: config.generation })).toEqual({ ok: true, value: [] });
    const counts = countsOf(config.skills);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(config.generation - 1);
    for (const { name, reported } of writers)
      expect(counts.get(name) ?? 0, `${name} in ${group}`).toBeGreaterThanOrEqual(reported.get(group) ?? 0);
  }
};

/** The count in each writer's entry `<name>.<count>`, by writer. */
const countsOf = (skills: "all" | readonly string[]): ReadonlyMap<string, number> =>
  new Map(
    (skills === "all" ? [] : skills).map((entry) => [entry.split(".")[0] ?? "", Number(entry.split(".")[1])]),
  );
