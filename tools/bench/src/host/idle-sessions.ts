import { readdirSync } from "node:fs";
import { setTimeout as after } from "node:timers/promises";
import { contender, type Measurement } from "../measurement.ts";
import { cpuMsOf, statOf, tickMs } from "../process-cost.ts";
import { builtPrograms } from "../programs.ts";
import { startSessions } from "./host.ts";

const floor = "the host, one session";
const ours = "the host, 100 sessions";
const runners = "the 100 runners";

/** Longer than the interval of a heartbeat and of the host's passes, ms. */
const spanMs = 30_000;

/** Time after the last start in which V8 collects what the starts have left, a few times in each process, ms. */
const settleMs = 60_000;

/** CPU time while no messages are sent: live runners with their heartbeats, and the connected chats of people. */
export const idleSessions: Measurement = {
  name: "idle-sessions",
  title: `CPU time of one second without messages, over ${spanMs / 1000} s`,
  unit: "ms",
  floor,
  rounds: { full: 5, quick: 1 },
  prepare: async (_context, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const many = await startSessions(built.value.gatehouse, 100, onEnd);
    const one = await startSessions(built.value.gatehouse, 1, onEnd);
    await after(settleMs);
    const pids = { [floor]: [one.pid], [ours]: [many.pid], [runners]: runnersOf(many.pid) };
    const used = (): readonly number[] => Object.values(pids).map((of) => sumOf(of.map(cpuMsOf)));
    // All contenders of a round share one span: the first one waits, the others read its result.
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
      return Math.max(span.perSecond[Object.keys(pids).indexOf(name)] ?? 0, (tickMs * 1000) / spanMs);
    };
    return { ok: true, value: Object.keys(pids).map((name) => contender(name, () => measure(name))) };
  },
};

/** The children of a host that lead their own process groups; its other children share its group. */
const runnersOf = (host: number): readonly number[] =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isRunner(pid, host));

const isRunner = (pid: number, host: number): boolean => {
  try {
    const [, parent, group] = statOf(pid).map(Number);
    return parent === host && group === pid;
  } catch {
    // The process has ended.
    return false;
  }
};

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
