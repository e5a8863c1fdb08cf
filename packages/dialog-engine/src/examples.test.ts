import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const fakeClaude = here("../../../test-fixtures/programs/fake-claude.mjs");
const fakeSetup = here("../../../test-fixtures/programs/fake-setup.mjs");
const source = ["--conditions=@nc/source", "--import", "tsx"];

test("examples/drive-claude.ts answers a program's dialogs", { tags: ["slow"] }, async () => {
  const home = await mkdtemp(join(tmpdir(), "example-"));
  await writeFile(join(home, ".claude.json"), '{"hasCompletedOnboarding":true,"theme":"dark"}');
  const env = { PATH: process.env["PATH"], HOME: home, TERM: "xterm-256color" };
  const args = [...source, here("../examples/drive-claude.ts"), fakeClaude, home];
  const { stdout } = await run(process.execPath, args, { env, cwd: here("..") });
  await rm(home, { recursive: true });
  expect(stdout).toBe("ready claude/trust\n");
});

test("examples/try-a-pack.ts confirms the option that its rule wants", { tags: ["slow"] }, async () => {
  const args = [...source, here("../examples/try-a-pack.ts")];
  const { stdout } = await run(process.execPath, args, { cwd: here("..") });
  expect(stdout).toContain("option: 'Trust it'");
});

describe("examples/your-own-pack.ts, with a program that has no composer, in a PTY", () => {
  const both = "acme/licence acme/reports";
  test.each([
    { what: "goes on", args: ["--go-on"], ends: `answered ${both}` },
    { what: "exits with 0", args: [], ends: `answered ${both}` },
    { what: "exits with 7", args: ["--exit=7"], ends: `exited ${both}` },
  ])("a program that then $what ends as $ends", { tags: ["slow"] }, async ({ args: given, ends }) => {
    const args = [...source, here("../examples/your-own-pack.ts"), fakeSetup, ...given];
    const { stdout } = await run(process.execPath, args, { cwd: here("..") });
    expect(stdout).toBe(`${ends}\n`);
  });
});
