import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import type { ImageNeeds } from "@gatehouse/workloads";
import type { PackageFolders } from "./package-folders.ts";
import { explain, unlimited, type Exit } from "@nc/container-runtime";
import { probeSandbox, sandboxRuntime } from "@nc/container-runtime/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { packageFolders, packageFoldersIn } from "./package-folders.ts";
import { npmRegistry } from "../testing/index.ts";

const probed = await probeSandbox();
if (!probed.ok) console.warn(`The tests of packages in sandboxes are skipped: ${explain(probed.error)}`);

const never = new AbortController().signal;

const npm = (...names: readonly string[]): ImageNeeds => ({ packages_apt: ["jq"], packages_npm: names });

/** The package folders of a temporary data folder. `needed` is what its groups and running agents need. */
const foldersOf = (url: string, npmAge = 0) => {
  const dataDir = mkdtempSync(join(tmpdir(), "package-folders-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const env = { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`, npm_config_registry: url };
  const needed: ImageNeeds[] = [];
  const folders = packageFolders({ dataDir, env, npmAge, needed: () => Promise.resolve(needed) });
  const names = (): readonly string[] => {
    const all = packageFoldersIn(dataDir);
    return existsSync(all) ? readdirSync(all) : [];
  };
  return { dataDir, folders, needed, names };
};

/** Builds a folder, and returns its name. */
const built = async (folders: PackageFolders, needs: ImageNeeds): Promise<string> => {
  expect(await folders.build(needs, never)).toMatchObject({ ok: true });
  const found = await folders.folderOf(needs);
  return basename((found.ok ? found.value?.source : found.error) ?? "");
};

/** The output of a shell script in a sandbox that has a group's packages. */
const printed = async (folders: PackageFolders, needs: ImageNeeds, script: string): Promise<string> => {
  const found = await folders.folderOf(needs);
  const mount = found.ok ? found.value : expect.fail(found.error);
  const folder = mkdtempSync(join(tmpdir(), "package-user-"));
  const session = join(folder, "session");
  mkdirSync(session);
  const runtime = sandboxRuntime({ folder: join(folder, "runtime"), install: "here", report: () => {} });
  onTestFinished(async () => {
    await runtime.close();
    rmSync(folder, { recursive: true });
  });
  const started = await runtime.spawn({
    ...unlimited,
    label: { install: "here", sessionId: "s-1", groupId: "g-1", incarnation: 1, token: 1 },
    command: ["/bin/sh", "-c", `{ ${script}\n} >"$HOME/out" 2>&1`],
    env: { HOME: session, PATH: `/usr/local/bin:/usr/bin:/bin:/opt/packages/bin` },
    folder: session,
    files: { folder: session, whole: [], entries: [] },
    network: "gateway",
    mounts: mount === null ? [] : [mount],
    account: null,
    graceMs: 1_000,
    logFile: join(folder, "log"),
  });
  if (!started.ok) return expect.fail(explain(started.error));
  await new Promise<Exit>((resolve) => started.value.onExit(resolve));
  return readFileSync(join(session, "out"), "utf8");
};

describe.runIf(probed.ok)("packageFolders", { tags: ["rest"] }, () => {
  test("builds a folder whose program runs in a sandbox, without the package's scripts, read-only", async () => {
    const { url } = await npmRegistry({ name: "said", source: 'console.log("said by a package")' });
    const { folders, names } = foldersOf(url);
    expect(await folders.build(npm("said"), never)).toMatchObject({ ok: true, value: true });
    const script = "said; find /opt/packages -name ran; echo x >/opt/packages/bin/said; ls -A /opt/packages";
    expect(await printed(folders, npm("said"), script)).toMatch(
      /^said by a package\n.*Read-only file system\nbin\nlib\n$/,
    );
    expect(names()).toHaveLength(1);
  });

  test("builds once for two groups with the same packages, in any order", async () => {
    const { url, asked } = await npmRegistry({ name: "one", source: "" }, { name: "two", source: "" });
    const { folders, names } = foldersOf(url);
    const both = await Promise.all([built(folders, npm("one", "two")), built(folders, npm("two", "one"))]);
    expect(new Set(both).size).toBe(1);
    expect(await folders.build(npm("one", "two"), never)).toMatchObject({ value: false });
    expect(asked.filter((path) => path === "/one.tgz")).toHaveLength(1);
    expect(names()).toEqual([both[0]]);
  });

  test("removes what no group and no running agent needs, and the rest of a killed build", async () => {
    const { url } = await npmRegistry(...["old", "running", "new"].map((name) => ({ name, source: "" })));
    const { dataDir, folders, needed, names } = foldersOf(url);
    const [old, running] = [await built(folders, npm("old")), await built(folders, npm("running"))];
    mkdirSync(join(packageFoldersIn(dataDir), ".build-killed"));
    needed.push(npm("old"), npm("running"));
    expect(await folders.folderOf(npm("old"))).toMatchObject({ ok: true });
    expect([...names()].sort()).toEqual([old, running].sort());
    // The new list is not saved yet.
    const fresh = await built(folders, npm("new"));
    needed[0] = npm();
    expect(await folders.folderOf(npm("running"))).toMatchObject({ ok: true });
    expect([...names()].sort()).toEqual([running, fresh].sort());
    needed[0] = npm("new");
    needed.pop();
    expect(await folders.folderOf(npm())).toEqual({ ok: true, value: null });
    expect(names()).toEqual([fresh]);
  });

  test.for([
    {
      what: "a package that does not exist",
      name: "gone",
      age: 0,
      says: /^The folder .*: The build ended with 1\.\n.*404/,
    },
    { what: "a young package", name: "young", age: 3, says: /at least 3 days old; gatehouse up --npm-age 0/ },
  ])("reports $what, and leaves nothing", async ({ name, age, says }) => {
    const published = new Date().toISOString();
    const { url } = await npmRegistry({ name: "young", source: "", published });
    const { folders, names } = foldersOf(url, age);
    expect(await folders.build(npm(name), never)).toEqual({
      ok: false,
      error: expect.stringMatching(says) as unknown,
    });
    expect(names()).toEqual([]);
    expect(await folders.folderOf(npm(name))).toEqual({
      ok: false,
      error: "The folder with the group's packages is not built yet: ncl groups restart --rebuild",
    });
  });

  test("ends a build whose host closes", async () => {
    const { url, asked } = await npmRegistry({ name: "slow", source: "", delay: new Promise(() => {}) });
    const { folders, names } = foldersOf(url);
    const closing = new AbortController();
    const building = folders.build(npm("slow"), closing.signal);
    await expect.poll(() => asked).toEqual(["/slow"]);
    closing.abort();
    expect(await building).toMatchObject({
      ok: false,
      error: expect.stringContaining("was ended") as unknown,
    });
    expect(names()).toEqual([]);
  });
});

test("packageFolders needs no npm for a group without npm packages", async () => {
  const dataDir = join(tmpdir(), "not-made");
  const folders = packageFolders({ dataDir, env: {}, needed: () => Promise.resolve([]) });
  expect(await folders.folderOf(npm())).toEqual({ ok: true, value: null });
  expect(await folders.build(npm(), never)).toMatchObject({ ok: true, value: false });
});

test("packageFolders names the missing npm", async () => {
  const folders = packageFolders({
    dataDir: tmpdir(),
    env: { PATH: "/proc/nowhere" },
    needed: () => Promise.resolve([]),
  });
  expect(await folders.build(npm("said"), never)).toEqual({
    ok: false,
    error: expect.stringContaining("Install npm.") as unknown,
  });
});
