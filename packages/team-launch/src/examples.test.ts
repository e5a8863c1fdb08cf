import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const node = (example: string) => [
  "--conditions=@nc/source",
  "--import",
  import.meta.resolve("tsx"),
  here(`../examples/${example}`),
];

test(
  "examples/plan-a-team.ts prints workspaces and pairs, or every problem",
  { tags: ["slow"] },
  async () => {
    const home = await realpath(await mkdtemp(join(tmpdir(), "example-")));
    await mkdir(join(home, "shop"));
    await symlink(join(home, "shop"), join(home, "link"));
    const file = join(home, "team.yaml");
    const env = { PATH: process.env["PATH"], HOME: home };
    const plan = () => run(process.execPath, [...node("plan-a-team.ts"), file], { env, cwd: here("..") });
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

/** Prints its folder, its arguments and its prompt, and keeps running. */
const runtime = `#!/bin/sh
pwd; for arg; do echo "$arg"; done; cat; echo .
exec sleep 300
`;

test(
  "examples/launch-a-team.ts starts each member once, with Codex's trust beside the caller's settings",
  { tags: ["slow"] },
  async () => {
    const home = await realpath(await mkdtemp(join(tmpdir(), "example-")));
    const folder = join(home, "shop");
    await mkdir(folder);
    const state = { hasCompletedOnboarding: true, projects: { [folder]: { hasTrustDialogAccepted: true } } };
    await writeFile(join(home, ".claude.json"), JSON.stringify(state));
    await writeFile(join(home, "runtime"), runtime, { mode: 0o700 });
    await writeFile(
      join(home, "team.yaml"),
      `name: shop
lead: { name: ana, provider: claude, folder: shop }
members: [{ name: bo, provider: codex, folder: shop, prompt: "Read it." }]
`,
    );
    const dataDir = join(home, "team-data");
    const started = async () =>
      (await readFile(join(dataDir, "agents.jsonl"), "utf8").catch(() => ""))
        .split("\n")
        .filter((line) => line !== "")
        .map(
          (line) =>
            JSON.parse(line) as { readonly id: string; readonly member: string; readonly pid: number },
        );
    onTestFinished(async () => {
      for (const { pid } of await started()) process.kill(-pid, "SIGKILL");
      await rm(home, { recursive: true });
    });
    const env = { PATH: process.env["PATH"], HOME: home };
    const args = [...node("launch-a-team.ts"), "team.yaml", join(home, "runtime"), "--settings", '{"a":1}'];
    const launch = async () => (await run(process.execPath, args, { env, cwd: home })).stdout;
    expect(await launch()).toBe("ana working \nbo working \n");
    expect(await launch()).toBe("ana working \nbo working \n");
    const agents = await started();
    expect(agents.map(({ member }) => member).sort()).toEqual(["ana", "bo"]);

    const logOf = (member: string) =>
      readFile(join(dataDir, `${agents.find((agent) => agent.member === member)!.id}.log`), "utf8");
    await expect.poll(() => logOf("ana")).toBe(`${folder}\n--settings\n{"a":1}\n-p\nSay hello..\n`);
    await expect.poll(() => logOf("bo")).toMatch(/\.\n$/);
    const [cwd, flag, settings = "", print, asked] = (await logOf("bo")).split("\n");
    expect([cwd, flag, print, asked]).toEqual([folder, "--settings", "-p", "Read it.."]);
    expect(JSON.parse(settings)).toMatchObject({
      a: 1,
      codex: {
        agent_teams_workspace_trust: { config_overrides: [`projects."${folder}".trust_level="trusted"`] },
      },
    });
    expect(await readdir(join(dataDir, "launches/journals"))).toHaveLength(2);
  },
);

test(
  "examples/one-process.ts starts one process, with Codex's trust for recorded folders only",
  { tags: ["slow"] },
  async () => {
    const home = await realpath(await mkdtemp(join(tmpdir(), "example-")));
    onTestFinished(() => rm(home, { recursive: true }));
    const [shop, api] = [join(home, "shop"), join(home, "api")];
    for (const folder of [shop, api]) await mkdir(folder);
    // The gate: Claude Code already trusts both folders, so no CLI is started for them.
    const trusted = { hasTrustDialogAccepted: true };
    const state = { hasCompletedOnboarding: true, projects: { [shop]: trusted, [api]: trusted } };
    await writeFile(join(home, ".claude.json"), JSON.stringify(state));
    const program = '#!/bin/sh\nfor arg; do echo "$arg"; done\n';
    await writeFile(join(home, "runtime"), program, { mode: 0o700 });
    await writeFile(
      join(home, "team.yaml"),
      `name: shop
lead: { name: ana, provider: claude, folder: shop }
members: [{ name: bo, provider: codex, folder: api }]
`,
    );
    const env = { PATH: process.env["PATH"], HOME: home };
    const args = [...node("one-process.ts"), "team.yaml", join(home, "runtime"), "--verbose"];
    const started = async () =>
      (await run(process.execPath, args, { env, cwd: home })).stdout.trim().split("\n");
    const [primary, end, flag, settings = "", ...others] = await started();
    expect([primary, end, flag, others]).toEqual(["--verbose", "--", "--settings", ["--verbose"]]);
    expect(JSON.parse(settings)).toEqual({
      codex: {
        agent_teams_workspace_trust: {
          version: 1,
          config_overrides: [`projects."${api}".trust_level="trusted"`],
        },
      },
    });
    // The ledger cannot be written, so the early trust is removed again.
    await rm(join(home, "team-data"), { recursive: true });
    await writeFile(join(home, "team-data"), "");
    expect(await started()).toEqual(["--verbose", "--", "--verbose"]);
  },
);
