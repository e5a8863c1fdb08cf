import { ask, askPipelined } from "../host/ask.ts";
import { startHost, startServer } from "../host/programs.ts";
import type { Bound, Figure, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";

const floor = "bare echo server";
const socket = "the host's socket";
const host = "gatehouse up, groups get";

type Way = {
  readonly name: string;
  readonly title: string;
  /** Number of requests at this socket. */
  readonly times: number;
  readonly bounds: Readonly<Record<string, Bound>>;
  readonly askAll: (path: string, frame: object, times: number) => Promise<void>;
};

const perSecond = async (path: string, frame: object, { askAll, times }: Way): Promise<Figure> => {
  const startedAt = performance.now();
  await askAll(path, frame, times);
  return { ok: true, value: (times / (performance.now() - startedAt)) * 1000 };
};

const requests = (way: Way): Measurement => ({
  name: way.name,
  title: way.title,
  unit: "requests/s",
  floor,
  bounds: way.bounds,
  rounds: { full: 25, quick: 5 },
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const up = await startHost(built.value.gatehouse);
    const [echo, bare] = [await startServer("echo-server.ts"), await startServer("frame-server.ts")];
    const frame = { id: "1", command: "groups-get", args: { id: up.groupId } };
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: () => perSecond(echo.path, frame, way) },
          { name: socket, run: () => perSecond(bare.path, frame, way) },
          { name: host, run: () => perSecond(up.path, frame, way) },
        ],
        dispose: async () => {
          await Promise.all([echo, bare, up].map(({ dispose }) => dispose()));
        },
      },
    };
  },
});

/** Like `ncl`: sends one request, then disconnects. */
export const requestsOneEach: Measurement = requests({
  name: "requests-one-each",
  title: "Requests a second over the socket, one on each connection, one after the other",
  times: 2000,
  bounds: { [socket]: { atLeast: 0.5 }, [host]: { atLeast: 0.5 } },
  askAll: async (path, frame, times) => {
    for (let index = 0; index < times; index += 1) await ask(path, frame);
  },
});

/**
 * Without the cost of connections. The floor does no work at all, so the host's figure, which has no bound,
 * is the cost of a command.
 */
export const requestsPipelined: Measurement = requests({
  name: "requests-pipelined",
  title: "Requests a second over the socket, a hundred at a time on one connection",
  times: 5000,
  bounds: { [socket]: { atLeast: 0.5 } },
  askAll: askPipelined,
});
