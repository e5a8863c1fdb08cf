import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contender, timeOf, type Measurement } from "../measurement.ts";
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
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const host = await startSessions(built.value.gatehouse, sessions);
    const pair = await startBarePair().catch(async (error: unknown) => {
      await host.dispose();
      throw error;
    });
    let next = 0;
    const answered = async (): Promise<number> => {
      next = (next + 1) % sessions;
      return (await host.chats[next]?.roundTrip("hello")) ?? Number.NaN;
    };
    return {
      ok: true,
      value: {
        contenders: [contender(floor, pair.roundTrip), contender("a message, to its answer", answered)],
        dispose: async () => {
          await pair.dispose();
          await host.dispose();
        },
      },
    };
  },
};

type BarePair = {
  /** The time from a message to its answer, ms. */
  readonly roundTrip: () => Promise<number>;
  readonly dispose: () => Promise<void>;
};

/** Starts two processes that only do a message's commits (bare-side.mjs). */
const startBarePair = async (): Promise<BarePair> => {
  const folder = await mkdtemp(join(tmpdir(), "bench-pair-"));
  for (const part of ["in", "out"]) await mkdir(join(folder, part));
  const host = await startSide("host", folder);
  const agent = await startSide("agent", folder);
  return {
    roundTrip: () =>
      timeOf(() => {
        const answered = nextMessage(host);
        host.send("hello");
        return answered;
      }),
    dispose: async () => {
      for (const side of [host, agent]) {
        // After a disconnect by the parent there is no "close" event.
        const ended = once(side, "exit");
        side.disconnect();
        await ended;
      }
      await rm(folder, { recursive: true });
    },
  };
};

const startSide = async (role: "host" | "agent", folder: string): Promise<ChildProcess> => {
  const program = fileURLToPath(new URL("bare-side.mjs", import.meta.url));
  const side = fork(program, [role, folder], { execArgv: [] });
  await nextMessage(side);
  return side;
};

/** Waits for the next message of a process; throws if none arrives within a minute. */
const nextMessage = (side: ChildProcess): Promise<unknown> =>
  once(side, "message", { signal: AbortSignal.timeout(60_000) });
