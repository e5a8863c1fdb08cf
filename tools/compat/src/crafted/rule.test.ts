import fc from "fast-check";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { doubtOf, trustKey } from "@trust/claude-state-probe";
import { locateWorkspace } from "@trust/claude-state-probe/node";
import { mayRecord } from "./rule.ts";
import { makeTree, type Tree } from "./tree.ts";
import { trees } from "./trees.ts";

const makeRoot = (): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "gh-trees-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
};

/** Makes the tree, and compares the product with the rule. Returns the key that is planned: none, the folder, another. */
const compared = async (root: string, tree: Tree): Promise<"refused" | "own" | "other"> => {
  const place = mkdtempSync(join(root, "t-"));
  const folder = makeTree(place, tree);
  const located = await locateWorkspace(folder, { home: "/proc/nowhere" });
  if (!located.ok) throw new Error(located.error.detail);
  const key = trustKey(located.value);
  const isPlanned = doubtOf(located.value, key) === null;
  // The rule does not cover odd spellings, which are refused separately.
  if (located.value.doubt?.code !== "odd-pointer") expect(isPlanned).toBe(mayRecord(folder, key));
  rmSync(place, { recursive: true });
  if (!isPlanned) return "refused";
  return key === folder ? "own" : "other";
};

test("plans a key for crafted trees only if the rule allows it", { tags: ["slow"] }, async () => {
  const root = makeRoot();
  const count = { refused: 0, own: 0, other: 0 };
  const holds = async (tree: Tree): Promise<void> => {
    count[await compared(root, tree)] += 1;
  };
  await fc.assert(fc.asyncProperty(trees, holds), { endOnFailure: false });
  // Otherwise the trees would no longer test anything.
  expect(Math.min(count.refused, count.own, count.other)).toBeGreaterThan(0);
});

// Soak found it with the seed 390046402.
test("refuses a folder whose .git file names the folder itself as the git directory", async () => {
  const file = (path: string, text: string) => ({ path, kind: "file", text, pad: 0, byte: false }) as const;
  const tree: Tree = {
    named: "dl/tree/s",
    entries: [
      { path: "dl/tree/s", kind: "folder" },
      file("dl/tree/.git", "gitdir: {}/dl/tree\n"),
      file("dl/tree/HEAD", "ref: refs/heads/main\n"),
      { path: "dl/tree/objects", kind: "folder" },
      { path: "dl/tree/refs", kind: "folder" },
      file("dl/tree/config", "[core]\n\tbare = false\n"),
    ],
  };
  expect(await compared(makeRoot(), tree)).toBe("refused");
});
