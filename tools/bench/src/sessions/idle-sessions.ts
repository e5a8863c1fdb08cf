import { setTimeout as after } from "node:timers/promises";
import { childrenOf, cpuMsOf } from "../host/process-time.ts";
import { startSessions, type SessionsHost } from "../host/sessions.ts";
import type { Contender, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";

const floor = "the host, one session";
const ours = "the host, 100 sessions";
const runners = "the 100 runners";

const sessions = 100;

/** Longer than the interval of a heartbeat and of a sweep, ms. */
const spanMs = 20_000;

type Counted = { readonly name: string; readonly pidsOf: (host: SessionsHost) => readonly number[] };

/**
 * CPU time of processes while no messages are sent: live runners, each with a heartbeat every 10 s, and the
 * connected chats of the people.
 */
export const idleSessions: Measurement = {
  name: "idle-sessions",
  title: `CPU of a second in which nobody says anything, over ${spanMs / 1000} s`,
  unit: "ms",
  floor,
  // 1 % of a core.
  bounds: { [ours]: { figureAtMost: 10 } },
  rounds: { full: 5, quick: 1 },
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { gatehouse } = built.value;
    const many = await startSessions(gatehouse, sessions);
    const one = await startSessions(gatehouse, 1);
    const used = new Map<string, number>();
    const measureAll = async (): Promise<void> => {
      const before = counted.map(({ pidsOf }) => sumOf(pidsOf(many)));
      const single = cpuMsOf(one.pid);
      await after(spanMs);
      for (const [index, { name, pidsOf }] of counted.entries())
        used.set(name, ((sumOf(pidsOf(many)) - (before[index] ?? 0)) * 1000) / spanMs);
      used.set(floor, ((cpuMsOf(one.pid) - single) * 1000) / spanMs);
    };
    // All contenders share one time span: the first contender of a round waits, the others read its result.
    let isMeasured = new Set<string>();
    const contender = (name: string): Contender => ({
      name,
      run: async () => {
        if (isMeasured.size === 0 || isMeasured.has(name)) {
          isMeasured = new Set();
          await measureAll();
        }
        isMeasured.add(name);
        // A clock tick is the smallest time that /proc reports.
        return { ok: true, value: Math.max(used.get(name) ?? 0, 10_000 / spanMs) };
      },
    });
    return {
      ok: true,
      value: {
        contenders: [floor, ...counted.map(({ name }) => name)].map(contender),
        dispose: async () => {
          await many.dispose();
          await one.dispose();
        },
      },
    };
  },
};

const counted: readonly Counted[] = [
  { name: ours, pidsOf: ({ pid }) => [pid] },
  { name: runners, pidsOf: ({ pid }) => childrenOf(pid).containers },
];

const sumOf = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
