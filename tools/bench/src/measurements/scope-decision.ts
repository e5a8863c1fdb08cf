import type { Figure, Measurement } from "../measurement.ts";
import { measureDecide, type DecideTimes } from "./measure-decide.ts";

const floor = "a call that gives its arguments back";

const timed = (part: (times: DecideTimes) => number) => async (): Promise<Figure> => ({
  ok: true,
  value: part(measureDecide(() => performance.now())),
});

export const scopeDecision: Measurement = {
  name: "scope-decision",
  title: "Whether an agent may run a command: one decide(), the mean of 10,000",
  unit: "µs",
  floor,
  bounds: { "decide()": { figureAtMost: 5 } },
  rounds: { full: 50, quick: 10 },
  prepare: async () => ({
    ok: true,
    value: {
      contenders: [
        { name: floor, run: timed(({ floorUs }) => floorUs) },
        { name: "decide()", run: timed(({ decideUs }) => decideUs) },
      ],
    },
  }),
};
