// @module-tag soak
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, readdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { centralFile, checkCentral } from "@gatehouse/central-database";
import { later, present, temporaryFolder, withOneMore } from "@gatehouse/central-database/testing";
import { expect, inject, onTestFinished, test } from "vitest";

const { gatehouse, "later-gatehouse": laterGatehouse, "open-later": openLater } = inject("programs");

/** A disk of 8 MB for the test; null with the reason if this account may mount none. */
const smallDisk = (): { readonly path: string | null; readonly refused: string } => {
  const path = temporaryFolder();
  const { status, stderr, error } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", path], {
    encoding: "utf8",
  });
  if (status !== 0) return { path: null, refused: error?.message ?? stderr.trim() };
  onTestFinished(() => void spawnSync("umount", ["-l", path]));
  return { path, refused: "" };
};

const run = (program: string, ...args: readonly string[]) => {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    env: { ...process.env, GATEHOUSE_DATABASE: "" },
  });
  return { status, signal, said: stdout + stderr };
};

/** The schema version of the one program that can open this database, which is whole. */
const versionOf = async (dataDir: string): Promise<number> => {
  // In a copy: a connection that is closed may keep its file for a while, and a deleted file would need room.
  const copy = temporaryFolder();
  for (const name of readdirSync(dataDir).filter((one) => one.startsWith("gatehouse.db")))
    copyFileSync(join(dataDir, name), join(copy, name));
  const file = centralFile(copy);
  const [old, other] = [await checkCentral(file), await checkCentral(file, withOneMore)];
  const isOld = old.ok && old.value.isCurrent;
  expect({ old, other }).toMatchObject({
    old: isOld ? { ok: true } : { error: { code: "newer-schema" } },
    other: { ok: true, value: { isCurrent: !isOld } },
  });
  return isOld ? present : later;
};

const acts = [
  {
    what: "upgrade --check",
    from: present,
    to: present,
    words: [laterGatehouse, "upgrade", "--check", "--data"],
  },
  { what: "up", from: present, to: later, words: [openLater] },
  {
    what: "upgrade --undo",
    from: later,
    to: present,
    words: [laterGatehouse, "upgrade", "--undo", "--yes", "--data"],
  },
] as const;

// The limit of a file's size (full-disk.test.ts) is no full disk for SQLite: what is in place can still be written.
test.for(acts)(
  "$what on a disk with room for 0, 16, 32 ... kB leaves a whole database of one version, and works once there is room",
  { timeout: 600_000 },
  async ({ from, to, words: [program, ...words] }, { skip }) => {
    const { path, refused } = smallDisk();
    if (path === null) return skip(`no small disk can be mounted: ${refused}`);
    const made = join(temporaryFolder(), "made");
    const owner = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", "echo"];
    expect(run(gatehouse, "init", ...owner, "--data", made)).toMatchObject({ status: 0 });
    if (from === later) expect(run(openLater, made)).toMatchObject({ status: 0 });
    // The host's reserve of room is for the host.
    rmSync(join(made, "disk-reserve"), { force: true });
    const [data, filler] = [join(path, "data"), join(path, "filler")];
    let [works, refusals] = [0, 0];
    for (let kilobytes = 0; works < 3; kilobytes += 16) {
      expect(kilobytes, "it works with 4 MB").toBeLessThan(4_096);
      rmSync(data, { recursive: true, force: true });
      cpSync(made, data, { recursive: true });
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - kilobytes * 1_024));
      const { status, signal, said } = run(program, ...words, data);
      truncateSync(filler);
      const version = await versionOf(data);
      const story = { kilobytes, status, signal, version, said };
      expect(story).toMatchObject({ signal: null, said: expect.not.stringContaining("bug") as unknown });
      expect([from, to], JSON.stringify(story)).toContain(version);
      const isDone = status === 0 && !said.includes('"code"');
      if (isDone) {
        expect(story).toMatchObject({ version: to });
        works += 1;
        continue;
      }
      refusals += 1;
      works = 0;
      if (version === from)
        expect({ ...story, then: run(program, ...words, data) }).toMatchObject({
          then: { status: 0, said: expect.any(String) as unknown },
        });
      expect(await versionOf(data)).toBe(to);
    }
    expect(refusals).toBeGreaterThan(0);
  },
);
