// @module-tag rest
import { execFile, spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { chmod, chown, mkdtemp, realpath, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeAccounts, makeRealHost, uidOf, whyNoRealHost } from "./node/add-user/real-host.fixture.ts";

const run = promisify(execFile);
const example = fileURLToPath(new URL("../examples/add-a-user.ts", import.meta.url));

const node = ["--conditions=@nc/source", "--import", import.meta.resolve("tsx"), example];

const show = (folder: string) => {
  const words = [folder, "telegram_id=7", "name=a: b", "os_user=daemon"];
  return run(process.execPath, [...node, ...words]);
};

test(
  "examples/add-a-user.ts --apply adds a user, in a folder relative to the working directory",
  { tags: ["slow"] },
  async ({ skip }) => {
    if (whyNoRealHost !== null) skip(whyNoRealHost);
    const accounts = makeAccounts();
    const host = makeRealHost(accounts);
    const words = [basename(host.folder), "telegram_id=7", "name=Ada", `os_user=${accounts.ada}`];
    const cwd = dirname(host.folder);
    const apply = () => run(process.execPath, [...node, ...words, "workspace_base=work", "--apply"], { cwd });
    const [first, again] = [await apply(), await apply()];
    const text = readFileSync(host.places.usersFile, "utf8");
    const owner = statSync(join(host.folder, "users/memory/7")).uid;
    const wanted = uidOf(accounts.ada);
    host.remove();
    accounts.remove();
    expect(first.stdout).toMatch(/\nadded\n$/);
    expect(again.stdout).toMatch(/\nnothing-to-do\n$/);
    expect(text).toContain(`os_user: ${accounts.ada}\n    workspace_base: ${cwd}/work\n`);
    expect(owner).toBe(wanted);
  },
);

test(
  "examples/add-a-user.ts --apply asks for sudo if it is not root, and writes nothing",
  { tags: ["slow"] },
  async ({ skip }) => {
    if (process.platform === "win32") skip("needs accounts as Linux and macOS have them");
    const isRoot = process.getuid?.() === 0;
    const nobody = 65_534;
    const other = ["-n", "-u", `#${nobody}`, "test", "-r", example];
    if (isRoot && spawnSync("sudo", other).status !== 0) skip("no other account may read this checkout");
    const folder = await realpath(await mkdtemp(join(tmpdir(), "example-")));
    await chmod(folder, 0o711);
    if (isRoot) await chown(folder, nobody, nobody);
    const words = [folder, "telegram_id=7", "name=Ada", "os_user=daemon", "--apply"];
    const done = run(process.execPath, [...node, ...words], isRoot ? { uid: nobody, cwd: folder } : {});
    await expect(done).rejects.toThrow("run it with sudo");
    const files = await readdir(folder);
    await rm(folder, { recursive: true });
    expect(files).toEqual([]);
  },
);

// Every Linux and macOS has the account `daemon`.
test(
  "examples/add-a-user.ts without --apply shows its plan, or why it refuses",
  { tags: ["slow"] },
  async ({ skip }) => {
    if (process.platform === "win32") skip("needs accounts as Linux and macOS have them");
    const folder = await realpath(await mkdtemp(join(tmpdir(), "example-")));
    await writeFile(join(folder, "users.yaml"), "users:\n- telegram_id: 1\n  name: Bob\n");
    await expect(show(folder)).rejects.toThrow(`daemon may not pass ${folder}: it lacks x there.`);
    await chmod(folder, 0o711);
    const { stdout } = await show(folder);
    const files = await readdir(folder);
    await rm(folder, { recursive: true });
    expect(files).toEqual(["users.yaml"]);
    expect(stdout).toContain('+- telegram_id: 7\n+  name: "a: b"\n+  role: user\n+  os_user: daemon\n');
    expect(stdout).toContain(`gives ${folder}/users/memory/7 to daemon`);
  },
);
