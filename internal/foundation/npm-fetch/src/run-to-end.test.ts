import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { runToEnd } from "./run-to-end.ts";

test.each([
  {
    does: "ends well",
    script: "echo out; echo err >&2",
    ended: { exitCode: 0, stdout: "out\n", stderr: "err\n" },
  },
  { does: "fails", script: "exit 7", ended: { exitCode: 7, stdout: "", stderr: "" } },
  {
    does: "says 127 itself",
    script: "echo no >&2; exit 127",
    ended: { exitCode: 127, stdout: "", stderr: "no\n" },
  },
  { does: "is killed", script: "kill -9 $$", ended: { exitCode: null, stdout: "", stderr: "" } },
])(
  "runToEnd returns the exit code and output of a program that $does",
  { tags: ["slow"] },
  async ({ script, ended }) => {
    expect(await runToEnd("sh", ["-c", script])).toEqual(ended);
  },
);

test("runToEnd returns 127 and the reason for a missing program", { tags: ["slow"] }, async () => {
  const ended = await runToEnd("/proc/nowhere/at/all", [], { cwd: tmpdir() });
  expect(ended).toMatchObject({ exitCode: 127, stderr: expect.stringContaining("ENOENT") as string });
});

test("runToEnd ends the program at an abort", { tags: ["slow"] }, async () => {
  expect(await runToEnd("sleep", ["60"], { signal: AbortSignal.timeout(50) })).toMatchObject({
    exitCode: null,
  });
});
