import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const run = (name: string, ...args: readonly string[]) => {
  const file = fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const words = ["--conditions=@nc/source", "--import", "tsx", file, ...args];
  return promisify(execFile)(process.execPath, words, { cwd });
};

test(
  "examples/start-and-adopt.ts finds running containers from the next host",
  { tags: ["slow"] },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "example-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(await run("start-and-adopt.ts", folder)).toEqual({
      stdout: "fails ended with 3: no settings\nstays runs on: true\nstays ended\n",
      stderr: "",
    });
  },
);

test("examples/test-a-race.ts ends containers by hand", { tags: ["slow"] }, async () => {
  const { stdout } = await run("test-a-race.ts");
  expect(stdout).toBe("the second container started after the first had ended\n");
});
