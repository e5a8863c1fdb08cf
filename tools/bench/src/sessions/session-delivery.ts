import { startBarePair } from "../host/bare-pair.ts";
import type { Chat } from "../host/chat.ts";
import { startSessions } from "../host/sessions.ts";
import type { Figure, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { quantileOf } from "../statistics.ts";

const floor = "a bare pair of processes, the same commits";
const ours = "a message, to its answer";
const figure = "the same, as a figure";
const slowest = "p99 of all of them";
const atOnce = "to all sessions at once, to the last answer";

const sessions = 20;

/** Messages of one run, to one session after the other. The run's figure is their median. */
const messages = 20;

type Talk = Pick<Chat, "roundTrip">;

const inTurn = (talks: readonly Talk[], keep: number[]) => async (): Promise<Figure> => {
  const times: number[] = [];
  for (let index = 0; index < messages; index += 1)
    times.push((await talks[index % talks.length]?.roundTrip("hello")) ?? 0);
  keep.push(...times);
  return { ok: true, value: quantileOf(times, 0.5) };
};

/**
 * From a person's frame to the frame of the answer, at the host's socket: the host's row, the session's file,
 * the runner with its claim and its answer, the host again. The bare pair does the four commits that take a
 * message to another process and its answer back, as durable as ours, and no more.
 */
export const sessionDelivery: Measurement = {
  name: "session-delivery",
  title: `A message to a session and its answer back, ${sessions} sessions with a runner each (echo)`,
  unit: "ms",
  floor,
  bounds: { [ours]: { atMost: 3 }, [figure]: { figureAtMost: 10 }, [slowest]: { figureAtMost: 100 } },
  rounds: { full: 25, quick: 5 },
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const host = await startSessions(built.value.gatehouse, sessions);
    const pair = await startBarePair();
    const [own, bare]: [number[], number[]] = [[], []];
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: inTurn([pair], bare) },
          { name: ours, run: inTurn(host.chats, own) },
          { name: atOnce, run: () => allAtOnce(host.chats) },
        ],
        derived: [
          { name: figure, from: (figures) => figures.get(ours) },
          { name: slowest, from: () => quantileOf(own, 0.99) },
        ],
        notes: () => [`p99 of the bare pair: ${quantileOf(bare, 0.99).toFixed(1)} ms.`],
        dispose: async () => {
          await pair.dispose();
          await host.dispose();
        },
      },
    };
  },
};

const allAtOnce = async (talks: readonly Talk[]): Promise<Figure> => {
  const startedAt = performance.now();
  await Promise.all(talks.map(({ roundTrip }) => roundTrip("hello")));
  return { ok: true, value: performance.now() - startedAt };
};
