import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, inject, test } from "vitest";
import { temporaryFolder } from "@gatehouse/control-plane/testing";

const slow = { tags: ["slow"] };
const gatehouse = inject("programs").gatehouse;

test("the demo answers, asks, restarts, and leaves nothing, whatever GATEHOUSE_DATA says", slow, () => {
  const home = temporaryFolder();
  const temp = join(home, "tmp");
  mkdirSync(temp);
  const data = join(home, "data");
  const { status, stdout, stderr } = spawnSync(process.execPath, [gatehouse, "demo", "--json"], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: home, TMPDIR: temp, GATEHOUSE_DATA: data },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const { ok, steps } = JSON.parse(stdout) as { readonly ok: boolean; readonly steps: readonly string[] };
  expect(ok).toBe(true);
  expect(steps.join("\n")).toMatch(
    /you: {2}hello\n {2}Demo: hello\n[^]*waits for a person[^]*is approved by local:you[^]*approved and done[^]*Demo: You were started again\.\n[^]*Demo: still there\?/,
  );
  expect(readdirSync(home)).toEqual(["tmp"]);
  expect(readdirSync(temp)).toEqual([]);
});
