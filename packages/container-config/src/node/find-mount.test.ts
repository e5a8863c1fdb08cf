import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findMount, type MountRule } from "./find-mount.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "mounts-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const host = { dataDir: join(root, "data"), home: join(root, "home") };
for (const folder of ["data/groups", "home/.ssh", "work", "shared"])
  mkdirSync(join(root, folder), { recursive: true });
writeFileSync(join(root, "work/file.txt"), "");
symlinkSync(join(root, "work"), join(root, "shared/work"));
symlinkSync("/etc", join(root, "shared/system"));
symlinkSync(join(root, "home/.ssh"), join(root, "shared/keys"));
symlinkSync(host.dataDir, join(root, "shared/data"));
symlinkSync(host.home, join(root, "shared/home"));

const find = (path: string) => findMount({ hostPath: join(root, path), containerPath: "x" }, host);

describe("findMount", () => {
  test.each([
    { path: "work", real: "work" },
    { path: "work/file.txt", real: "work/file.txt" },
    { path: "shared/work", real: "work" },
  ])("returns the real path $real for $path", async ({ path, real }) => {
    expect(await find(path)).toEqual({
      ok: true,
      value: { hostPath: join(root, real), containerPath: "/workspace/extra/x" },
    });
  });

  test.each([
    { path: "missing", problem: "is not there (ENOENT)" },
    { path: "work/file.txt/x", problem: "is not there (ENOTDIR)" },
    { path: "data", problem: "the data of all groups" },
    { path: "data/groups", problem: "the data of all groups" },
    { path: "home", problem: "mount a folder in it" },
    { path: "shared/system", problem: "/etc" },
    { path: "shared/keys", problem: "leads through .ssh" },
    { path: "shared/data", problem: "the data of all groups" },
  ])("refuses $path: $problem", async ({ path, problem }) => {
    expect(await find(path)).toMatchObject({
      ok: false,
      error: {
        problems: [{ path: "additional_mounts.0.hostPath", problem: expect.stringContaining(problem) }],
      },
    });
  });

  test.each([
    { path: "data/groups", problem: "the data of all groups" },
    { path: "home", problem: "mount a folder in it" },
  ])("refuses $path, also if the host's own path is a link", async ({ path, problem }) => {
    const byLink = { dataDir: join(root, "shared/data"), home: join(root, "shared/home") };
    expect(await findMount({ hostPath: join(root, path), containerPath: "x" }, byLink)).toMatchObject({
      ok: false,
      error: { problems: [{ problem: expect.stringContaining(problem) }] },
    });
  });

  test("a host's own rule decides last, about the real path", async () => {
    const rule: MountRule = ({ hostPath, ...mount }) =>
      hostPath === join(root, "work")
        ? { ok: true, value: { hostPath, ...mount, readonly: true } }
        : { ok: false, error: "is on no list" };
    const ruled = (path: string) => findMount({ hostPath: join(root, path), containerPath: "x" }, host, rule);
    expect(await ruled("shared/work")).toMatchObject({
      value: { hostPath: join(root, "work"), readonly: true },
    });
    expect(await ruled("work/file.txt")).toMatchObject({
      error: { problems: [{ problem: "is on no list" }] },
    });
    expect(await ruled("data")).toMatchObject({
      error: { problems: [{ problem: expect.stringContaining("the data of all groups") as unknown }] },
    });
  });

  test("refuses another account's home, and a folder that holds it, also through a link", async () => {
    mkdirSync(join(root, "people/mia"), { recursive: true });
    symlinkSync(join(root, "people"), join(root, "shared/people"));
    const withHomes = { ...host, homes: [join(root, "people/mia")] };
    for (const path of ["people", "people/mia", "shared/people"])
      expect(await findMount({ hostPath: join(root, path), containerPath: "x" }, withHomes)).toMatchObject({
        error: {
          problems: [{ problem: expect.stringContaining("people/mia: mount a folder in it") as unknown }],
        },
      });
  });

  test("refuses a writable mount of a link to a folder that may only be read", async () => {
    symlinkSync("/usr/share", join(root, "shared/programs"));
    const mount = { hostPath: join(root, "shared/programs"), containerPath: "x" };
    expect(await findMount(mount, host)).toMatchObject({ ok: true });
    expect(await findMount({ ...mount, readonly: false }, host)).toMatchObject({
      error: { problems: [{ problem: expect.stringContaining("holds /usr") as unknown }] },
    });
  });

  test("refuses a relative path", async () => {
    expect(await findMount({ hostPath: "work", containerPath: "x" }, host)).toMatchObject({ ok: false });
  });
});
