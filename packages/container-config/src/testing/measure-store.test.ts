import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { measureStore, type StoreTimes } from "./measure-store.ts";

// The bounds of the package. The quickest run of each half counts: what other programs take from the machine only adds.
test(
  "the scope lookup costs at most twice the bare driver's, other calls at most 50 µs more",
  { tags: ["slow"] },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "measure-store-"));
    const runs: StoreTimes[] = [];
    for (let run = 0; run < 40; run += 1) runs.push(await measureStore(folder, () => performance.now(), 100));
    rmSync(folder, { recursive: true });
    const quickest = (pick: (times: (typeof runs)[number]) => number) => Math.min(...runs.map(pick));
    const own = (call: "get" | "update") =>
      quickest((times) => times[call].ours) - quickest((times) => times[call].bare);
    expect(quickest((times) => times.scope.ours) / quickest((times) => times.scope.bare)).toBeLessThan(2);
    expect(own("get")).toBeLessThan(50);
    expect(own("update")).toBeLessThan(50);
  },
);
