import { describe, expect, test } from "vitest";
import type { Contender } from "./measurement.ts";
import { namesIn, runRounds } from "./run-rounds.ts";

describe("runRounds", () => {
  test("interleaves the contenders, starts each round with a different one, and discards the first round", async () => {
    const ran: string[] = [];
    const contender = (name: string): Contender => ({
      name,
      run: async () => {
        ran.push(name);
        return { ok: true, value: ran.length };
      },
    });
    const rounds = await runRounds({ contenders: [contender("a"), contender("b")] }, 2);
    expect(ran.join(" ")).toBe("a b b a a b");
    expect(rounds.map((round) => round.get("a"))).toEqual([
      { ok: true, value: 4 },
      { ok: true, value: 5 },
    ]);
  });

  test("starts no contender after an abort", async () => {
    const ran: string[] = [];
    const stop = new AbortController();
    const contender = (name: string): Contender => ({
      name,
      run: async () => {
        ran.push(name);
        stop.abort();
        return { ok: true, value: 1 };
      },
    });
    await runRounds({ contenders: [contender("a"), contender("b")] }, 2, { signal: stop.signal });
    expect(ran).toEqual(["a"]);
  });

  test("computes a derived figure from its own round, and reports it as not completed if a part is missing", async () => {
    let runs = 0;
    const flaky: Contender = {
      name: "flaky",
      run: async () => ((runs += 1) === 3 ? { ok: false, error: "lost" } : { ok: true, value: runs }),
    };
    const prepared = {
      contenders: [flaky],
      derived: [
        { name: "twice", from: (figures: ReadonlyMap<string, number>) => times(2, figures.get("flaky")) },
      ],
    };
    const rounds = await runRounds(prepared, 2);
    expect(namesIn(prepared)).toEqual(["flaky", "twice"]);
    expect(rounds.map((round) => round.get("twice"))).toEqual([
      { ok: true, value: 4 },
      { ok: false, error: "a figure it is worked out from is missing" },
    ]);
  });
});

const times = (factor: number, value: number | undefined): number | undefined =>
  value === undefined ? undefined : factor * value;
