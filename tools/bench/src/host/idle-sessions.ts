import { readdirSync } from "node:fs";
import { setTimeout as after } from "node:timers/promises";
import type { Measurement } from "../measurement.ts";
import { statOf } from "../process-cost.ts";
import { builtPrograms } from "../programs.ts";
import { cpuPerSecond } from "./cpu-per-second.ts";
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
    return { ok: true, value: cpuPerSecond(pids, spanMs) };
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
