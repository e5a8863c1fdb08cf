import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Box } from "./box.ts";
import { filesOfUser } from "./state.ts";

test("filesOfUser names a link to a folder above, and does not follow it", () => {
  const root = mkdtempSync(join(tmpdir(), "gh-state-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "w/a"), { recursive: true });
  symlinkSync(root, join(root, "w/a/link"));
  expect(filesOfUser({ path: (name) => join(root, name) } as Box)).toEqual(["a", "a/link"]);
});
