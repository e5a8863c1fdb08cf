import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const node = ["--conditions=@nc/source", "--import", "tsx", here("../examples/plan-a-team.ts")];

test(
  "examples/plan-a-team.ts prints workspaces and pairs, or every problem",
  { tags: ["slow"] },
  async () => {
    const home = await realpath(await mkdtemp(join(tmpdir(), "example-")));
    await mkdir(join(home, "shop"));
    await symlink(join(home, "shop"), join(home, "link"));
    const file = join(home, "team.yaml");
    const env = { PATH: process.env["PATH"], HOME: home };
    const plan = () => run(process.execPath, [...node, file], { env, cwd: here("..") });
    await writeFile(
      file,
      `name: shop
lead: { name: ana, provider: claude, folder: ~/link }
members:
  - { name: bo, provider: codex, folder: shop }
  - { name: cy, provider: claude, folder: ~ }
`,
    );
    const { stdout } = await plan();
    await writeFile(file, "name: shop\nlaed: ana\n");
    const refused = await plan().catch((error: unknown) => error);
    await rm(home, { recursive: true });
    expect(stdout.split("\n").slice(0, 2)).toEqual([`${home}/link ana bo `, `${home} cy home_directory`]);
    expect(JSON.parse(stdout.split("\n")[2]!)).toEqual([
      { folder: `${home}/link`, provider: "claude" },
      { folder: `${home}/link`, provider: "codex" },
      { folder: home, provider: "claude" },
    ]);
    expect((refused as { stderr: string }).stderr).toBe(
      `${file}:1:1: lead is missing in a team file.\n${file}:2:1: laed is not a key of a team file.\n`,
    );
  },
);
