import fc from "fast-check";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { doubtOf, trustKey } from "@trust/claude-state-probe";
import { locateWorkspace } from "@trust/claude-state-probe/node";
import { mayRecord } from "./rule.ts";
import { makeTree } from "./tree.ts";
import { trees } from "./trees.ts";

test(`a key is planned for crafted trees only where the rule allows it`, { tags: ["slow"] }, async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "gh-trees-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const count = { refused: 0, own: 0, other: 0 };
  const holds = async (tree: typeof trees extends fc.Arbitrary<infer T> ? T : never): Promise<void> => {
    const place = mkdtempSync(join(root, "t-"));
    const folder = makeTree(place, tree);
    const located = await locateWorkspace(folder, { home: "/nowhere" });
    if (!located.ok) throw new Error(located.error.detail);
    const key = trustKey(located.value);
    const isPlanned = doubtOf(located.value, key) === null;
    count[isPlanned ? (key === folder ? "own" : "other") : "refused"] += 1;
    // The rule knows nothing of odd spellings, which are refused beside it.
    if (located.value.doubt?.code !== "odd-pointer") expect(isPlanned).toBe(mayRecord(folder, key));
    rmSync(place, { recursive: true });
  };
  mkdirSync(root, { recursive: true });
  await fc.assert(fc.asyncProperty(trees, holds), {
    endOnFailure: false,
  });
  // Else the trees would no longer try anything.
  expect(Math.min(count.refused, count.own, count.other)).toBeGreaterThan(0);
});
