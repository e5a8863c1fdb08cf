// @module-tag rest
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { makeBed, type Bed } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };
const main = inject("programs")["workspace-trust"];
const scrollForEver = "\x1b[2147483647S";

type Run = { readonly child: ChildProcess; readonly ended: Promise<{ code: number | null; stdout: string }> };

/** Starts the real program in a separate process, which is killed at the end of the test. */
const start = (bed: Bed, ...args: readonly string[]): Run => {
  const { env } = bed.request([]);
  const child = spawn(process.execPath, [main, ...args, "--data", bed.dataDir, "--json"], {
    env: { ...env, TMPDIR: join(bed.root, "tmp") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const ended = new Promise<{ code: number | null; stdout: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout })),
  );
  return { child, ended };
};

describe("workspace-trust and a CLI that floods its terminal", () => {
  test("ends as a timeout after one sequence that asks for 2,147,483,647 lines", slow, async () => {
    const bed = makeBed({ start: "flood", flood: scrollForEver });
    const { code, stdout } = await start(bed, bed.folder("project"), "--timeout", "2").ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, results: [{ code: "timeout" }] });
    expect(bed.leftovers()).toEqual([]);
  });

  test.for([
    { what: "10 MB/s of text", scenario: { floodAgain: "all work and no play\r\n", floodRate: 10_000_000 } },
    { what: "text as fast as it is read", scenario: { floodAgain: "all work and no play " } },
    { what: "one costly sequence", scenario: { flood: scrollForEver } },
    { what: "costly sequences", scenario: { floodAgain: "\x1b[40S\x1bc\x1b[4800b" } },
    { what: "queries whose replies it never reads", scenario: { floodAgain: "\x1b[6n\x1b[c" } },
    { what: "a title without an end", scenario: { flood: "\x1b]4;", floodAgain: ";" } },
    { what: "marks on one letter", scenario: { flood: "e", floodAgain: "\u0301" } },
  ])("ends at SIGTERM while it writes $what", slow, async ({ scenario }) => {
    const bed = makeBed({ start: "flood", ...scenario });
    const { child, ended } = start(bed, bed.folder("project"), "--timeout", "60");
    await expect.poll(() => bed.log().some(({ event }) => event === "flood")).toBe(true);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
    expect(bed.leftovers()).toEqual([]);
  });
});
