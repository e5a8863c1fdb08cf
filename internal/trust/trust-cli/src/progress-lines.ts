import { inSeconds, type Output } from "@gatehouse/cli-kit";
import { visible } from "@gatehouse/std";
import type { PreflightEvent, PreflightReport } from "@trust/preflight";
import { shownStatus } from "./render.ts";

/** The output for a person while a batch runs, and when it has ended. All of it goes to stderr. */
export type ProgressLines = {
  show(event: PreflightEvent): void;
  /** Erases the lines and stops drawing. */
  clear(): void;
  /** The closing line: the number of folders, the time, and the outcomes. Empty for a single folder. */
  closing(report: PreflightReport): string;
};

/** Time between two counts of a batch, ms: redrawn on a terminal; else each count is a new line. */
const every = { terminal: 1_000, elsewhere: 10_000 };

/**
 * On a terminal: one line for each folder in progress, redrawn at each event, and below them the count and
 * the seconds of `total` folders. Without a terminal: only the count, at intervals. A single folder is not
 * counted.
 */
export const createProgressLines = (output: Output, total: number): ProgressLines => {
  const { isTTY = false } = output;
  // A terminal without a known size reports 0.
  const [columns, rows] = [output.columns || 80, output.rows || 24];
  const startedAt = performance.now();
  const lines = new Map<string, string>();
  const done = new Set<string>();
  let drawn = 0;
  const count = (): readonly string[] =>
    total > 1 ? [`${done.size} of ${folders(total)} done, ${inSeconds(performance.now() - startedAt)}`] : [];
  const erase = (): void => {
    if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = (): void => {
    erase();
    const below = count();
    const shown = [...[...lines.values()].slice(1 + below.length - rows), ...below];
    output.write(shown.map((line) => `${line.slice(0, columns - 1)}\n`).join(""));
    drawn = shown.length;
  };
  const tick = isTTY ? draw : (): void => void output.write(`${count().join("")}\n`);
  const ticking = total > 1 ? setInterval(tick, isTTY ? every.terminal : every.elsewhere) : undefined;
  // The timer must not keep the process alive after a run that failed.
  ticking?.unref();
  return {
    show: (event) => {
      const { workspace, provider } = event.type === "step" ? event : event.result;
      const name = `${provider} ${workspace}`;
      if (event.type === "result" || event.step === "done") done.add(name);
      if (event.type === "step") lines.set(name, visible(`${workspace}  ${event.text}`));
      if (isTTY) draw();
    },
    clear: () => {
      clearInterval(ticking);
      erase();
    },
    closing: ({ results }) =>
      results.length > 1
        ? `${folders(results.length)} in ${inSeconds(performance.now() - startedAt)}: ${countsOf(results.map(shownStatus))}.\n`
        : "",
  };
};

const folders = (many: number): string => `${many} folder${many === 1 ? "" : "s"}`;

/** `14 trusted, 2 blocked`: each of the names once, in their order, with its count. */
export const countsOf = (names: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, many]) => `${many} ${name}`).join(", ");
};
