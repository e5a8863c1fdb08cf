import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

test("unifiedDiff shows an added last line with three lines of context", () => {
  expect(unifiedDiff("a\nb\nc\nd\n", "a\nb\nc\nd\nnew\n", "users.yaml")).toBe(
    "--- users.yaml\n+++ users.yaml\n@@ -2,3 +2,4 @@\n b\n c\n d\n+new\n",
  );
});

test("unifiedDiff marks a text without a final newline", () => {
  expect(unifiedDiff("a", "a\nb", "f")).toBe(
    "--- f\n+++ f\n@@ -1,1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n",
  );
});

test("unifiedDiff is empty if nothing changed", () => expect(unifiedDiff("a\n", "a\n", "f")).toBe(""));

const line = fc.constantFrom("a", "b", "c: d", "", "  - e", "x\r");
const text = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.boolean())
  .map(([lines, end]) => lines.join("\n") + (end ? "\n" : ""));

test("unifiedDiff writes a patch from which git makes the new text", { tags: ["slow"] }, () => {
  const folder = mkdtempSync(join(tmpdir(), "diff-"));
  const apply = (before: string, after: string): string => {
    writeFileSync(join(folder, "f"), before);
    writeFileSync(join(folder, "patch"), unifiedDiff(before, after, "f"));
    execFileSync("git", ["apply", "-p0", "--whitespace=nowarn", "patch"], { cwd: folder, stdio: "pipe" });
    return readFileSync(join(folder, "f"), "utf8");
  };
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after && before !== "" && after !== "");
      expect(apply(before, after)).toBe(after);
    }),
  );
  rmSync(folder, { recursive: true });
});
