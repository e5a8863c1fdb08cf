import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contender, timeOf, type Measurement, type OnEnd } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { startSessions } from "./host.ts";

const floor = "a bare pair of processes, the same commits";
const sessions = 20;

/**
 * From a person's frame to the frame of the answer, at the host's socket: the host stores the message, its
 * runner claims it, answers, and the host delivers the answer.
 */
export const chatAnswer: Measurement = {
  name: "chat-answer",
  title: `A message to a session and its answer back, ${sessions} sessions with a runner each (echo)`,
  unit: "ms",
  floor,
  rounds: { full: 500, quick: 20 },
  prepare: async (_context, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const host = await startSessions(built.value.gatehouse, sessions, onEnd);
    const bareRoundTrip = await startBarePair(onEnd);
    let next = 0;
    const answered = async (): Promise<number> => {
      next = (next + 1) % sessions;
      return (await host.chats[next]?.roundTrip("hello")) ?? Number.NaN;
    };
    return {
      ok: true,
      value: [contender(floor, bareRoundTrip), contender("a message, to its answer", answered)],
    };
  },
};

/**
 * Starts two processes that only do a message's commits (bare-side.mjs). Returns what measures the time from a message to
 * its answer, ms.
 */
const startBarePair = async (onEnd: OnEnd): Promise<() => Promise<number>> => {
  const folder = await mkdtemp(join(tmpdir(), "bench-pair-"));
  onEnd(() => rm(folder, { recursive: true }));
  for (const part of ["in", "out"]) await mkdir(join(folder, part));
  const startSide = async (role: "host" | "agent"): Promise<ChildProcess> => {
    const program = fileURLToPath(new URL("bare-side.mjs", import.meta.url));
    const side = fork(program, [role, folder], { execArgv: [] });
    onEnd(async () => {
      // After a disconnect by the parent there is no "close" event.
      const ended = once(side, "exit");
      side.disconnect();
      await ended;
    });
    await nextMessage(side);
    return side;
  };
  const host = await startSide("host");
  await startSide("agent");
  return () =>
    timeOf(() => {
      const answered = nextMessage(host);
      host.send("hello");
      return answered;
    });
};

/** Waits for the next message of a process; throws if none arrives within a minute. */
const nextMessage = (side: ChildProcess): Promise<unknown> =>
  once(side, "message", { signal: AbortSignal.timeout(60_000) });
