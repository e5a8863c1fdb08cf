// @module-tag rest
import { describe, expect, test } from "vitest";
import { runPreflight } from "./execute.ts";
import { makeBed } from "@gatehouse/test-kit";

describe("a CLI that draws its dialog again every 3 ms", () => {
  test("is still answered", { tags: ["slow"] }, async () => {
    const bed = makeBed({ redrawMs: 3 });
    const folder = bed.folder("project");
    const { results } = await runPreflight(bed.request([folder]));
    expect(results).toMatchObject([{ code: "trusted" }]);
    expect(bed.trusted()).toEqual([folder]);
    expect(bed.leftovers()).toEqual([]);
  });
});
