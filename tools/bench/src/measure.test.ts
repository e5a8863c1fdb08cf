import { describe, expect, test } from "vitest";
import { measure } from "./measure.ts";
import { contender, type Contender, type Figure } from "./measurement.ts";

const noCli = { ok: false, error: "no CLI" } as const;

/** Measures these contenders in two rounds after the discarded one; the first contender is the floor. */
const measured = (
  contenders: readonly Contender[],
  stop = new AbortController(),
  ends: (() => void)[] = [],
) =>
  measure(
    {
      name: "it",
      title: "It",
      unit: "ms",
      floor: contenders[0]?.name ?? "",
      rounds: { full: 2, quick: 1 },
      prepare: async (_context, onEnd) => {
        for (const end of ends) onEnd(async () => end());
        return { ok: true, value: contenders };
      },
    },
    { quick: false, cli: noCli, signal: stop.signal },
  );

/** A contender with these figures, one for each round; an error is a round whose work was not completed. */
const scripted = (name: string, ...figures: readonly (number | string)[]): Contender => {
  const left = [...figures];
  return {
    name,
    run: async (): Promise<Figure> => {
      const next = left.shift() ?? "no figure is left";
      return typeof next === "number" ? { ok: true, value: next } : { ok: false, error: next };
    },
  };
};

describe("measure", () => {
  test("starts each round with a different contender, and discards the first round", async () => {
    const ran: string[] = [];
    const counted = (name: string) => contender(name, async () => ran.push(name));
    const { rows } = await measured([counted("a"), counted("b")]);
    expect(ran.join(" ")).toBe("a b b a a b");
    expect(rows[0]?.figures).toEqual([4, 5]);
  });

  test("divides by the floor's figure of the same round, so that a slow period has no effect", async () => {
    const { rows } = await measured([scripted("floor", 1, 100, 900), scripted("ours", 1, 110, 990)]);
    expect(rows[0]).toMatchObject({ ratio: null, absolute: { median: 500, min: 100, max: 900 } });
    expect(rows[1]?.ratio?.median).toBeCloseTo(1.1);
  });

  test("keeps the reason of a round whose work was not completed, without a ratio for it", async () => {
    const { rows } = await measured([scripted("floor", 1, 100, 100), scripted("ours", 1, "lost", 50)]);
    expect(rows[1]).toMatchObject({ figures: [null, 50], undone: ["lost"], ratio: { min: 0.5, max: 0.5 } });
  });

  test("starts no contender after an abort", async () => {
    const stop = new AbortController();
    const first = contender("a", async () => (stop.abort(), 1));
    const { rows } = await measured([first, contender("b", () => Promise.reject(new Error("b ran")))], stop);
    expect(rows.map(({ figures }) => figures)).toEqual([[], []]);
  });

  test("reports a run that throws as failed, and ends what was prepared, the last first", async () => {
    const ended: string[] = [];
    const throwing = contender("a", () => Promise.reject(new Error("no answer")));
    const ends = ["first", "second"].map((each) => () => void ended.push(each));
    const result = await measured([throwing], new AbortController(), ends);
    expect(result).toMatchObject({ failed: "no answer", rows: [] });
    expect(ended).toEqual(["second", "first"]);
  });
});
