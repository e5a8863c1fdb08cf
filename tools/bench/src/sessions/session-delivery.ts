import { startBarePair } from "../host/bare-pair.ts";
import type { Chat } from "../host/chat.ts";
import { startSessions } from "../host/sessions.ts";
import { openTransports } from "../host/transports.ts";
import type { Figure, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { quantileOf } from "../statistics.ts";

const floor = "a bare pair of processes, the same commits";
const ours = "a message, to its answer";
const slowest = "p99 of all of them";
const alone = "the transport alone: written, read by the runner, and back";
const slowestAlone = "p99 of the transport alone";
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
 * the runner with its claim and its answer, and the host again. The bare pair only does the four commits that
 * take a message to another process and its answer back, as durable as ours. "The transport alone" is the
 * session's files and its runner without a host: the promised ms apply to it.
 */
export const sessionDelivery: Measurement = {
  name: "session-delivery",
  title: `A message to a session and its answer back, ${sessions} sessions with a runner each (echo)`,
  unit: "ms",
  floor,
  bounds: { [ours]: { atMost: 3 }, [alone]: { figureAtMost: 10 }, [slowestAlone]: { figureAtMost: 100 } },
  rounds: { full: 25, quick: 5 },
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { pair, transports, host, dispose } = await startAll(built.value.gatehouse);
    const [own, bare, files]: [number[], number[], number[]] = [[], [], []];
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: inTurn([pair], bare) },
          { name: alone, run: inTurn(transports.talks, files) },
          { name: ours, run: inTurn(host.chats, own) },
          { name: atOnce, run: () => allAtOnce(host.chats) },
        ],
        derived: [
          { name: slowest, from: () => quantileOf(own, 0.99) },
          { name: slowestAlone, from: () => quantileOf(files, 0.99) },
        ],
        notes: () => [`p99 of the bare pair: ${quantileOf(bare, 0.99).toFixed(1)} ms.`],
        dispose,
      },
    };
  },
};

/** If one of them does not start, all are disposed. */
const startAll = async (gatehouse: string) => {
  const started: { readonly dispose: () => Promise<void> }[] = [];
  const dispose = async (): Promise<void> => {
    for (const one of started.splice(0)) await one.dispose();
  };
  const keep = <T extends { readonly dispose: () => Promise<void> }>(one: T): T => {
    started.push(one);
    return one;
  };
  try {
    const pair = keep(await startBarePair());
    const transports = keep(await openTransports(gatehouse, sessions));
    const host = keep(await startSessions(gatehouse, sessions));
    return { pair, transports, host, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
};

const allAtOnce = async (talks: readonly Talk[]): Promise<Figure> => {
  const startedAt = performance.now();
  await Promise.all(talks.map(({ roundTrip }) => roundTrip("hello")));
  return { ok: true, value: performance.now() - startedAt };
};
