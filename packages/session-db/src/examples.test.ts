import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("examples/one-message.ts prints what the README says", { tags: ["slow"] }, async () => {
  const example = fileURLToPath(new URL("../examples/one-message.ts", import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), "example-"));
  const args = ["--conditions=@nc/source", "--import", "tsx", example, folder];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
  });
  await rm(folder, { recursive: true });
  expect(stdout).toBe(
    [
      `in 2 m-1 {"text":"hello"}`,
      `out 3 re-m-1 {"text":"hello, Ana"}`,
      `[ { id: 'm-1', reason: null, tries: 0, status: 'completed' } ]`,
      "",
    ].join("\n"),
  );
});
