import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readMountRule } from "./mount-allow-list.ts";

/** Makes a home with this list, or without one. */
const homeWith = (list: unknown): string => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "home-")));
  onTestFinished(() => rmSync(home, { recursive: true }));
  for (const folder of ["work/app", "docs", "worker", ".config/nanoclaw"])
    mkdirSync(join(home, folder), { recursive: true });
  const text = typeof list === "string" ? list : JSON.stringify(list);
  if (list !== undefined) writeFileSync(join(home, ".config/nanoclaw/mount-allowlist.json"), text);
  return home;
};

const list = {
  allowedRoots: [
    { path: "~/work", allowReadWrite: true },
    { path: "~/docs", allowReadWrite: false },
    { path: "~/not-there", allowReadWrite: true },
    { description: "no path" },
    7,
  ],
  blockedPatterns: ["password", 7, ""],
  nonMainReadOnly: true,
};

/** The rule for a mount: `rw`, `ro`, or the reason of its refusal. */
const outcome = async (listed: unknown, path: string, readonly?: boolean): Promise<string> => {
  const home = homeWith(listed);
  const mount = { hostPath: join(home, path), containerPath: "/workspace/extra/x" };
  const ruled = (await readMountRule(home))(readonly === undefined ? mount : { ...mount, readonly });
  if (!ruled.ok) return ruled.error;
  return ruled.value.readonly === false ? "rw" : "ro";
};

describe("nanoclaw's list of folders to mount", () => {
  test.each([
    { what: "a listed folder that may be written", path: "work", readonly: false, is: "rw" },
    { what: "a folder below it", path: "work/app", readonly: false, is: "rw" },
    { what: "that folder, requested as read-only", path: "work/app", readonly: true, is: "ro" },
    { what: "that folder, requested without `readonly`", path: "work/app", readonly: undefined, is: "ro" },
    { what: "a listed folder that is read-only in the list", path: "docs", readonly: false, is: "ro" },
  ])("allows $what: $is", async ({ path, readonly, is }) =>
    expect(await outcome(list, path, readonly)).toBe(is),
  );

  test.each([
    {
      what: "a folder beside a listed one with the same first letters",
      listed: list,
      path: "worker",
      why: "is in no folder that",
    },
    {
      what: "a blocked part of a name",
      listed: list,
      path: "work/my-passwords",
      why: 'has "password" in it',
    },
    { what: "any folder without a list", listed: undefined, path: "work", why: "nanoclaw mounted nothing" },
    { what: "any folder with a truncated list", listed: '{"allowed', path: "work", why: "is broken" },
    {
      what: "any folder with an incomplete list",
      listed: { allowedRoots: [] },
      path: "work",
      why: "is broken",
    },
  ])("refuses $what, and names the command that mounts it anyway", async ({ listed, path, why }) => {
    const said = await outcome(listed, path);
    expect(said).toContain(why);
    expect(said).toContain("ncl groups config add-mount");
  });

  test.each([
    { what: "reads readOnly false, of older lists, as writable", root: { readOnly: false }, is: "rw" },
    { what: "reads readOnly true as read-only", root: { readOnly: true }, is: "ro" },
    { what: "reads a folder without either field as read-only", root: {}, is: "ro" },
    {
      what: "prefers the newer field allowReadWrite",
      root: { readOnly: false, allowReadWrite: false },
      is: "ro",
    },
  ])("$what", async ({ root, is }) => {
    const listed = { allowedRoots: [{ path: "~/work", ...root }], blockedPatterns: [] };
    expect(await outcome(listed, "work", false)).toBe(is);
  });

  test("resolves a link in the list", async () => {
    const home = homeWith({ allowedRoots: [{ path: "~/link" }], blockedPatterns: [] });
    symlinkSync("docs", join(home, "link"));
    const rule = await readMountRule(home);
    expect(rule({ hostPath: join(home, "docs"), containerPath: "/workspace/extra/x" })).toMatchObject({
      ok: true,
    });
  });
});
