import { ask, askPipelined } from "../host/ask.ts";
import { startEcho, startHost } from "../host/programs.ts";
import type { Bound, Figure, Measurement } from "../measurement.ts";

const floor = "bare echo server";
const ours = "gatehouse up, groups get";

type Way = {
  readonly name: string;
  readonly title: string;
  readonly bounds: { readonly [contender: string]: Bound };
  /** Asks so often, at this socket. */
  readonly times: number;
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
    const [echo, host] = [await startEcho(), await startHost()];
    const frame = { id: "1", command: "groups-get", args: { id: host.groupId } };
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: () => perSecond(echo.path, frame, way) },
          { name: ours, run: () => perSecond(host.path, frame, way) },
        ],
        dispose: async () => {
          await host.dispose();
          await echo.dispose();
        },
      },
    };
  },
});

/** As `ncl` asks: one request, then it goes. */
export const requestsOneEach: Measurement = requests({
  name: "requests-one-each",
  title: "Requests a second over the socket, one on each connection, one after the other",
  bounds: { [ours]: { atLeast: 0.5 } },
  times: 2000,
  askAll: async (path, frame, times) => {
    for (let index = 0; index < times; index += 1) await ask(path, frame);
  },
});

/** Without the cost of connections what is left is the command's own: a read in a transaction, and its decision logged. */
export const requestsPipelined: Measurement = requests({
  name: "requests-pipelined",
  title: "Requests a second over the socket, a hundred at a time on one connection",
  bounds: {},
  times: 5000,
  askAll: askPipelined,
});
