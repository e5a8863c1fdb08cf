import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { folderIdentity, workingFolder } from "./folder-identity.ts";

const makeFolder = (): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "identity-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

describe("folderIdentity", () => {
  test("follows links, differs between folders, and is null for a missing folder", () => {
    const [a, b] = [makeFolder(), makeFolder()];
    symlinkSync(a, join(b, "link"));
    expect(folderIdentity(join(b, "link"))).toBe(folderIdentity(a));
    expect(folderIdentity(a)).not.toBe(folderIdentity(b));
    expect(folderIdentity(join(a, "none"))).toBeNull();
  });
});

describe("workingFolder", () => {
  const started = async (cwd: string): Promise<number> => {
    const child = spawn("sh", ["-c", "echo; exec sleep 60"], { cwd, stdio: ["ignore", "pipe", "ignore"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    return child.pid ?? 0;
  };

  test("is the folder of a process, even if its path meanwhile leads to another folder", async ({ skip }) => {
    skip(process.platform !== "linux", "no /proc");
    const [folder, other] = [makeFolder(), makeFolder()];
    const [work, identity] = [join(folder, "work"), folderIdentity(other)];
    renameSync(other, work);
    const pid = await started(work);
    expect(await workingFolder(pid)).toEqual({ ok: true, value: { path: work, identity } });
    renameSync(work, join(folder, "moved"));
    symlinkSync("/", work);
    expect(await workingFolder(pid)).toEqual({ ok: true, value: { path: join(folder, "moved"), identity } });
  });

  test("is an error for a process that has ended", async ({ skip }) => {
    skip(process.platform !== "linux", "no /proc");
    expect(await workingFolder(2 ** 30)).toEqual({ ok: false, error: "ENOENT" });
  });

  const lsof = "/usr/bin/lsof";
  const [proc, none] = ["/proc/nowhere", "/proc/nowhere/lsof"];

  test("is read with lsof if there is no /proc", async ({ skip }) => {
    skip(!existsSync(lsof), "no lsof");
    const folder = makeFolder();
    const pid = await started(folder);
    const { dev, ino } = statSync(folder, { bigint: true });
    expect(await workingFolder(pid, { proc, lsof })).toEqual({
      ok: true,
      value: { path: folder, identity: `${dev}:${ino}` },
    });
    expect(await workingFolder(2 ** 30, { proc, lsof })).toMatchObject({ ok: false });
  });

  test("is null on a system without /proc and lsof", async () => {
    expect(await workingFolder(process.pid, { proc, lsof: none })).toEqual({ ok: true, value: null });
  });
});
