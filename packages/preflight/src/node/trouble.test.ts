// @module-tag rest
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { exitCodeOf } from "../index.ts";
import { runPreflight } from "./execute.ts";
import { makeBed, type Bed } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };
const canMount = spawnSync("unshare", ["-m", "true"]).status === 0;
const why = "file systems can only be mounted by root";

/** Mounts a file system of 256 KiB over a folder, and keeps the folder's content. */
const mountOver = (folder: string, options: string): void => {
  const kept = join(folder, ".claude.json");
  const text = existsSync(kept) ? readFileSync(kept) : null;
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=755", "tmpfs", folder]);
  expect(mounted.stderr.toString()).toBe("");
  onTestFinished(() => void spawnSync("umount", ["-l", folder]));
  if (text !== null) writeFileSync(kept, text);
  if (options !== "") expect(spawnSync("mount", ["-o", `remount,${options}`, folder]).status).toBe(0);
};

const fill = (folder: string): void => {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, "filler"), Buffer.alloc(bavail * bsize));
};

const isStarted = (bed: Bed): boolean => bed.log().some(({ event }) => event === "start");

describe("preflight on a full disk", () => {
  test("confirms nothing if the ledger's disk is full, and gives the reason", slow, async ({ skip }) => {
    skip(!canMount, why);
    const bed = makeBed();
    mkdirSync(join(bed.dataDir, "locks"), { recursive: true });
    mountOver(bed.dataDir, "");
    mkdirSync(join(bed.dataDir, "locks"));
    fill(bed.dataDir);
    const { results } = await runPreflight(bed.request([bed.folder("project")]));
    expect(results).toMatchObject([{ code: "trust-not-persisted" }]);
    expect(results[0]?.message).toMatch(/ledger could not be written \(ENOSPC/);
    expect(bed.trusted()).toEqual([]);
    expect(bed.log().filter(({ key }) => key === "\r")).toEqual([]);
    expect(bed.leftovers()).toEqual([]);
  });

  test("starts no CLI if the temporary folder's disk is full", slow, async ({ skip }) => {
    skip(!canMount, why);
    const bed = makeBed();
    mountOver(join(bed.root, "tmp"), "");
    fill(join(bed.root, "tmp"));
    const { results } = await runPreflight(bed.request([bed.folder("project")]));
    expect(results).toMatchObject([{ code: "trust-not-persisted" }]);
    expect(results[0]?.message).toMatch(/temporary folder could not be written \(ENOSPC/);
    expect(isStarted(bed)).toBe(false);
    rmSync(join(bed.root, "tmp", "filler"));
    expect(bed.leftovers()).toEqual([]);
  });
});

describe("a CLI's state that cannot be written", () => {
  test("is detected before anything is started if its disk is full", slow, async ({ skip }) => {
    skip(!canMount, why);
    const bed = makeBed();
    mountOver(bed.home, "");
    fill(bed.home);
    const { results } = await runPreflight(bed.request([bed.folder("project")]));
    expect(results).toMatchObject([{ code: "trust-not-persisted" }]);
    expect(results[0]?.message).toMatch(/could not record anything .* \(ENOSPC\)/);
    expect(isStarted(bed)).toBe(false);
    expect(bed.leftovers()).toEqual([]);
  });

  test("is detected before anything is started if its disk is read-only", slow, async ({ skip }) => {
    skip(!canMount, why);
    const bed = makeBed();
    mountOver(bed.home, "ro");
    const { results } = await runPreflight(bed.request([bed.folder("project")]));
    expect(results).toMatchObject([{ code: "trust-not-persisted" }]);
    expect(results[0]?.message).toMatch(/could not record anything .* \(EROFS\)/);
    expect(isStarted(bed)).toBe(false);
    expect(bed.leftovers()).toEqual([]);
  });

  test("is left to the CLI if it is missing, and the result is sign-in-needed", slow, async () => {
    const bed = makeBed({}, null);
    const report = await runPreflight(bed.request([bed.folder("project")]));
    expect(report.results).toMatchObject([{ code: "sign-in-needed", dialog: "claude/theme" }]);
    expect(exitCodeOf(report)).toBe(3);
    expect(bed.leftovers()).toEqual([]);
  });
});

describe("a machine without pseudo terminals", () => {
  test("is reported, and nothing is left behind", { tags: ["slow"] }, ({ skip }) => {
    skip(!canMount, why);
    const bed = makeBed();
    const folder = bed.folder("project");
    const node = [process.execPath, inject("programs")["workspace-trust"], folder, "--json"];
    const { env } = bed.request([]);
    const ended = spawnSync(
      "unshare",
      [
        "-m",
        "sh",
        "-c",
        'mount --bind /dev/null /dev/ptmx && exec "$@"',
        "sh",
        ...node,
        "--data",
        bed.dataDir,
      ],
      { env: { ...env, TMPDIR: join(bed.root, "tmp") }, encoding: "utf8" },
    );
    expect(ended.status).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, results: [{ code: "pty-unavailable" }] });
    expect(isStarted(bed)).toBe(false);
    expect(bed.leftovers()).toEqual([]);
  });
});
