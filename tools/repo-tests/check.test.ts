import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../scripts/check.mjs", import.meta.url));

test.each([
  { what: "a revision without --changed", args: ["HEAD"], says: "unexpected argument: HEAD" },
  { what: "two revisions", args: ["--changed", "HEAD", "main"], says: "unexpected argument: main" },
  { what: "another flag", args: ["--quick"], says: "Unknown option '--quick'" },
])("npm run check refuses $what before it checks", ({ args, says }) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(`error: ${says}`);
});
