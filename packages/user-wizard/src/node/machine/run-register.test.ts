import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { openRunRegister } from "./run-register.ts";

const withFolder = () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "register-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const register = openRunRegister(join(folder, "runs"));
  return { folder: join(folder, "runs"), register };
};

test("keeps the open run of each users.yaml, until it ends", async () => {
  const { register } = withFolder();
  expect(await register.openRun("/a")).toEqual({ ok: true, value: null });
  await register.begin("/a", "run-1");
  await register.begin("/b", "run-2");
  expect(await register.openRun("/a")).toEqual({ ok: true, value: "run-1" });
  expect(await register.end("/a")).toMatchObject({ ok: true });
  expect(await register.end("/a")).toMatchObject({ ok: true });
  expect(await register.openRun("/a")).toEqual({ ok: true, value: null });
  expect(await register.openRun("/b")).toEqual({ ok: true, value: "run-2" });
  expect(statSync(register.pathOf("/b")).mode & 0o777).toBe(0o644);
});

test("replaces a record that a kill left half written", async () => {
  const { register } = withFolder();
  await register.begin("/a", "run-1");
  writeFileSync(`${register.pathOf("/a")}.new`, "{");
  expect(await register.begin("/a", "run-2")).toMatchObject({ ok: true });
  expect(await register.openRun("/a")).toEqual({ ok: true, value: "run-2" });
});

test("refuses a folder that others may write, and a torn record", async () => {
  const { folder, register } = withFolder();
  await register.begin("/a", "run-1");
  chmodSync(folder, 0o777);
  const unsafe = { ok: false, error: { errno: "EPERM", path: folder } };
  expect(await register.openRun("/a")).toMatchObject(unsafe);
  expect(await register.begin("/a", "run-2")).toMatchObject(unsafe);
  chmodSync(folder, 0o755);
  writeFileSync(register.pathOf("/a"), "{}");
  expect(await register.openRun("/a")).toMatchObject({ ok: false, error: { errno: "EINVAL" } });
});

test("refuses a folder of another account", async ({ skip }) => {
  if (process.getuid?.() !== 0) skip("needs root: it gives a folder away");
  const { folder, register } = withFolder();
  await register.begin("/a", "run-1");
  chownSync(folder, 65534, 65534);
  expect(await register.openRun("/a")).toMatchObject({ ok: false, error: { errno: "EPERM" } });
});
