import { describe, expect, test } from "vitest";
import { memoryIn } from "./process-memory.ts";

const rollup = `55d0-7ffd ---p 00000000 00:00 0                          [rollup]
Rss:               51234 kB
Pss:               20321 kB
Pss_Dirty:          9000 kB
Shared_Clean:      30000 kB
`;

describe("memoryIn", () => {
  test("reads the totals of PSS and RSS, not their parts", () =>
    expect(memoryIn(rollup)).toEqual({ pss: 20_321, rss: 51_234 }));

  test.each(["", "Rss: 1 kB\n", "Pss_Dirty: 3 kB\nRss: 1 kB\n"])("is null for %j", (text) =>
    expect(memoryIn(text)).toBeNull(),
  );
});
