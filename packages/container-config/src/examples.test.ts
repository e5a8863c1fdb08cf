import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const example = fileURLToPath(new URL("../examples/configure-a-group.ts", import.meta.url));

test(
  "examples/configure-a-group.ts configures a group and writes its container.json",
  { tags: ["slow"] },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "example-"));
    await mkdir(join(folder, "groups/notes"), { recursive: true });
    const args = [
      "--conditions=@nc/source",
      "--import",
      "tsx",
      example,
      join(folder, "host.db"),
      join(folder, "groups"),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
    });
    const file = JSON.parse(await readFile(join(folder, "groups/notes/container.json"), "utf8")) as unknown;
    await rm(folder, { recursive: true });
    expect(stdout.trim().split("\n")).toEqual([
      "provider: null -> codex (restart)",
      "model: claude-sonnet-4-5 -> null (restart)",
      "timezone: null -> Europe/Berlin (restart)",
      "cpus: null -> 0.5 (restart)",
      "generation 3 needs a rebuild",
      "written",
    ]);
    expect(file).toMatchObject({
      provider: "codex",
      timezone: "Europe/Berlin",
      packages: { apt: ["ripgrep"], npm: [] },
    });
  },
);
