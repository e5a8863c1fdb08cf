import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { measureStore, type StoreTimes } from "./measure-store.ts";

// The quickest run of each half counts: what other programs take from the machine only adds. The bound of 50 µs of our own
// is the benchmarks' to judge, on a quiet machine; here its place is taken by what the driver itself takes at that moment.
test(
  "the scope lookup costs at most twice the bare driver's, other calls no multiple of it",
  { tags: ["slow"] },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "measure-store-"));
    const runs: StoreTimes[] = [];
    for (let run = 0; run < 100; run += 1) runs.push(await measureStore(folder, () => performance.now(), 20));
    rmSync(folder, { recursive: true });
    const ratio = (call: keyof StoreTimes) =>
      Math.min(...runs.map((times) => times[call].ours)) / Math.min(...runs.map((times) => times[call].bare));
    expect(ratio("scope")).toBeLessThan(2);
    expect(ratio("get")).toBeLessThan(5);
    expect(ratio("update")).toBeLessThan(4);
  },
);
