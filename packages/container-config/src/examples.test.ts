import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const examples = [
  {
    name: "configure-a-group.ts",
    prints: [
      "provider: null -> codex (restart)",
      "model: claude-sonnet-4-5 -> null (restart)",
      "timezone: null -> Europe/Berlin (restart)",
      "cpus: null -> 0.5 (restart)",
      "generation 3 needs a rebuild",
      "written",
    ],
    file: { provider: "codex", timezone: "Europe/Berlin", packages: { apt: ["ripgrep"], npm: [] } },
  },
];

test.each(examples)(
  "examples/$name prints what the README says, and writes container.json",
  { tags: ["slow"] },
  async ({ name, prints, file }) => {
    const example = fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
    const folder = await mkdtemp(join(tmpdir(), "example-"));
    await mkdir(join(folder, "groups/notes"), { recursive: true });
    const program = ["--conditions=@nc/source", "--import", "tsx", example];
    const args = [...program, join(folder, "host.db"), join(folder, "groups")];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
    });
    const written = await readFile(join(folder, "groups/notes/container.json"), "utf8");
    await rm(folder, { recursive: true });
    expect(stdout.trim().split("\n")).toEqual(prints);
    expect(JSON.parse(written)).toMatchObject(file);
  },
);
