import { measureRendering, type RenderingTimes } from "../inputs/measure-rendering.ts";
import type { Figure, Measurement } from "../measurement.ts";
import { median } from "../statistics.ts";

const folders = 1_000;
/** Number of renderings in a run, which is their median: one takes only a millisecond or two. */
const times = 15;

const timed = (part: (measured: RenderingTimes) => number) => async (): Promise<Figure> => {
  const runs = Array.from({ length: times }, () => measureRendering(() => performance.now(), folders));
  return { ok: true, value: median(runs.map(part)) };
};

const parsing = "parsing it with smol-toml";

export const codexRendering: Measurement = {
  name: "codex-rendering",
  title: "Codex's one argument for 1,000 folders, from overrides to argv",
  unit: "ms",
  floor: parsing,
  bounds: { rendering: { atMost: 2 } },
  rounds: { full: 50, quick: 10 },
  prepare: async () => ({
    ok: true,
    value: {
      contenders: [
        { name: parsing, run: timed(({ parseMs }) => parseMs) },
        { name: "rendering", run: timed(({ renderMs }) => renderMs) },
      ],
    },
  }),
};
