import { setTimeout as after } from "node:timers/promises";
import { contender, type Contender } from "../measurement.ts";
import { cpuMsOf, tickMs } from "../process-cost.ts";

/**
 * CPU time of one second of these processes, ms, over a span. All contenders of a round share one span: the first one waits,
 * the others read its result.
 */
export const cpuPerSecond = (
  pids: Readonly<Record<string, readonly number[]>>,
  spanMs: number,
): readonly Contender[] => {
  const names = Object.keys(pids);
  const used = (): readonly number[] => Object.values(pids).map((of) => sumOf(of.map(cpuMsOf)));
  let span: { readonly read: Set<string>; readonly perSecond: readonly number[] } | null = null;
  const measure = async (name: string): Promise<number> => {
    if (span === null || span.read.has(name)) {
      const before = used();
      await after(spanMs);
      const perSecond = used().map((ms, at) => ((ms - (before[at] ?? 0)) * 1000) / spanMs);
      span = { read: new Set(), perSecond };
    }
    span.read.add(name);
    // The smallest time that /proc reports is a tick.
    return Math.max(span.perSecond[names.indexOf(name)] ?? 0, (tickMs * 1000) / spanMs);
  };
  return names.map((name) => contender(name, () => measure(name)));
};

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
