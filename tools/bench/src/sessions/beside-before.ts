import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { ask } from "../host/ask.ts";
import { roundTrips } from "../host/chat.ts";
import { nclFolderIn } from "../host/ncl-folder.ts";
import { childrenOf, cpuMsOf } from "../host/process-time.ts";
import { startSessions, type SessionsHost } from "../host/sessions.ts";
import type { Figure, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { quantileOf } from "../statistics.ts";

const floor = "the build of before";
const ours = "this build";

type Row = {
  readonly name: string;
  readonly title: string;
  readonly sessions: number;
  /** The maximum of this build's figure as a multiple of the other build's; null: only reported. */
  readonly atMost: number | null;
  readonly rounds: Measurement["rounds"];
  readonly settleMs?: number;
  /** ms */
  readonly figureOf: (host: SessionsHost) => Promise<number>;
};

/** The time without messages, ms. */
const idleMs = 20_000;

/**
 * Time after the last message of the start until the work that follows a message, and V8's own clean-up, are
 * over; ms.
 */
const settleMs = 90_000;

const rows: readonly Row[] = [
  {
    name: "before-delivery",
    title: "A message to its answer, the median of 20 to 20 sessions",
    ...{ sessions: 20, atMost: 0.7, rounds: { full: 25, quick: 5 } },
    figureOf: async ({ chats }) => quantileOf(await roundTrips(chats, 20), 0.5),
  },
  {
    name: "before-delivery-p99",
    title: "A message to its answer, the slowest of 100 to 20 sessions but one",
    ...{ sessions: 20, atMost: 1, rounds: { full: 15, quick: 3 } },
    figureOf: async ({ chats }) => quantileOf(await roundTrips(chats, 100), 0.99),
  },
  {
    name: "before-burst",
    title: "A message to each of 20 sessions at once, to the last answer",
    ...{ sessions: 20, atMost: 1, rounds: { full: 25, quick: 5 } },
    figureOf: async ({ chats }) => {
      const startedAt = performance.now();
      await Promise.all(chats.map(({ roundTrip }) => roundTrip("hello")));
      return performance.now() - startedAt;
    },
  },
  {
    name: "before-ncl-inside",
    title: "The frame of ncl groups get in an agent's container, to its answer, the median of 20",
    ...{ sessions: 1, atMost: 0.7, rounds: { full: 25, quick: 5 } },
    figureOf: async ({ dataDir }) => {
      const socket = join(nclFolderIn(dataDir), "ncl.sock");
      const times: number[] = [];
      for (let index = 0; index < 20; index += 1) {
        const startedAt = performance.now();
        await ask(socket, { id: "1", command: "groups-get", args: {} });
        times.push(performance.now() - startedAt);
      }
      return quantileOf(times, 0.5);
    },
  },
  {
    name: "before-idle",
    title: `CPU of a second in which nobody says anything, the host and 100 runners, over ${idleMs / 1000} s`,
    ...{ sessions: 100, atMost: 1, settleMs, rounds: { full: 5, quick: 1 } },
    figureOf: ({ pid }) => idleCpu(() => [pid, ...Object.values(childrenOf(pid)).flat()]),
  },
  {
    // The host now does the work that its runners did every second before, if there is any; so it has no
    // bound.
    name: "before-idle-host",
    title: "The same, of the host alone",
    ...{ sessions: 100, atMost: null, settleMs, rounds: { full: 5, quick: 1 } },
    figureOf: ({ pid }) => idleCpu(() => [pid, ...childrenOf(pid).helpers]),
  },
];

/** CPU time of these processes per second, ms. */
const idleCpu = async (pidsOf: () => readonly number[]): Promise<number> => {
  const used = (): number => pidsOf().reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  const before = used();
  await after(idleMs);
  // A clock tick is the smallest time that /proc reports.
  return Math.max(((used() - before) * 1000) / idleMs, 10_000 / idleMs);
};

/** This build and the build of another checkout (`--before DIR`), measured in one run. */
export const besideBefore: readonly Measurement[] = rows.map(
  ({ name, title, sessions, atMost, rounds, settleMs: settle = 0, figureOf }) => ({
    ...{ name, title, rounds, floor, unit: "ms" },
    bounds: atMost === null ? {} : { [ours]: { atMost } },
    prepare: async ({ before }) => {
      if (before === null) return { ok: false, error: "no other build was named: --before DIR" };
      const [now, then] = [builtPrograms(), builtPrograms(before)];
      if (!now.ok) return now;
      if (!then.ok) return then;
      const hosts: SessionsHost[] = [];
      const dispose = async (): Promise<void> => {
        for (const host of hosts) await host.dispose();
      };
      try {
        for (const { value } of [then, now]) hosts.push(await startSessions(value.gatehouse, sessions));
      } catch (error) {
        await dispose();
        throw error;
      }
      await after(settle);
      const contenders = hosts.map((host, index) => ({
        name: index === 0 ? floor : ours,
        run: async (): Promise<Figure> => ({ ok: true, value: await figureOf(host) }),
      }));
      return { ok: true, value: { contenders, dispose } };
    },
  }),
);
