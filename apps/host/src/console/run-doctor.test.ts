import { expect, test } from "vitest";
import { resultOf } from "./run-doctor.ts";

const at = "2026-11-20T08:00:00.000Z";

test("a report has its checks, and its warnings after them", () => {
  const report = {
    ok: false,
    verdict: "Not ready.",
    checks: [
      { name: "disk", ok: true, message: "9 GB free" },
      { name: "cli", ok: false, message: "no claude", fix: "npm install" },
    ],
    providers: [],
    warnings: [{ name: "network", message: "slow", fix: "wait" }],
  };
  expect(resultOf(JSON.stringify(report), at)).toEqual({
    at,
    ok: false,
    verdict: "Not ready.",
    checks: [
      { name: "disk", state: "ok", message: "9 GB free", fix: null },
      { name: "cli", state: "fail", message: "no claude", fix: "npm install" },
      { name: "network", state: "warn", message: "slow", fix: "wait" },
    ],
  });
});

test.each(["", "null", "{}", '{"ok":true', "[1]"])("the output %j is a failed check", (printed) => {
  expect(resultOf(printed, at)).toMatchObject({ at, ok: false, checks: [{ name: "doctor", state: "fail" }] });
});
