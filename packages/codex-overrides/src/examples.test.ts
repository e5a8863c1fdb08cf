import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const source = ["--conditions=@nc/source", "--import", "tsx"];

test("examples/start-codex.ts prints an argv with the folders it may trust", { tags: ["slow"] }, async () => {
  const home = await realpath(await mkdtemp(join(tmpdir(), "example-")));
  const [good, bad] = [join(home, "my app.v2"), join(home, "bad")];
  for (const folder of [good, bad, join(home, ".codex")]) await mkdir(folder);
  await writeFile(
    join(home, ".codex/config.toml"),
    `[projects.${JSON.stringify(bad)}]\ntrust_level = "untrusted"\n`,
  );
  const env = { PATH: process.env["PATH"], HOME: home };
  const args = [...source, here("../examples/start-codex.ts"), good, bad, home];
  const { stdout, stderr } = await run(process.execPath, args, { env, cwd: here("..") });
  await rm(home, { recursive: true });
  const value = `projects={${JSON.stringify(bad)}={trust_level="untrusted"},${JSON.stringify(good)}={trust_level="trusted"}}`;
  expect(JSON.parse(stdout)).toEqual(["codex", "-c", value, "exec", "--json", "say hello"]);
  expect(stderr).toContain("config_overrides[2] names the home folder");
  expect(stderr).toContain(`${bad} is marked untrusted`);
});

test("examples/through-settings.ts carries a folder from host to Codex", { tags: ["slow"] }, async () => {
  const args = [...source, here("../examples/through-settings.ts")];
  const { stdout } = await run(process.execPath, args, { cwd: here("..") });
  expect(stdout).toContain(
    '{"codex":{"forced_login_method":"api","agent_teams_workspace_trust":{"version":1,',
  );
  expect(stdout).toContain(`'projects={"/home/ada/my app.v2"={trust_level="trusted"}}'`);
});
