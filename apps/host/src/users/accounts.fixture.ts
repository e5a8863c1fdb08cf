import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { thisMachine } from "@nc/user-wizard/node";
import { expect, onTestFinished } from "vitest";

const has = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

/** The reason why these tests cannot add real accounts on this machine; null if they can. */
export const whyNotForReal: string | null =
  process.platform !== "linux"
    ? "accounts are made with useradd, which Linux has"
    : process.getuid?.() !== 0
      ? "accounts are made, which needs root"
      : (["sudo", "useradd", "getent"].find((program) => !has(program)) ?? null);

let made = 0;

/** Makes an account, which is removed at the end of the test. */
export const makeAccount = (): { readonly name: string; readonly uid: number; readonly gid: number } => {
  const name = `gh${process.pid}n${(made += 1)}`;
  const created = spawnSync("useradd", ["--create-home", name], { encoding: "utf8" });
  expect(created.stderr).toBe("");
  onTestFinished(() => void spawnSync("userdel", ["--force", "--remove", name]));
  const [, , uid, gid] = spawnSync("getent", ["passwd", name], { encoding: "utf8" }).stdout.split(":");
  return { name, uid: Number(uid), gid: Number(gid) };
};

/** The sudo rules that were written for the people of a data folder. */
export const rulesOf = (data: string): readonly string[] => {
  const host = createHash("sha256").update(data).digest("hex").slice(0, 12);
  const folder = "/etc/sudoers.d";
  return readdirSync(folder)
    .filter((name) => name.startsWith(`gatehouse-${host}-`))
    .map((name) => join(folder, name));
};

/** Makes a data folder that belongs to a service account, below folders that every account can enter. */
export const makeDataFolder = (service: { readonly uid: number; readonly gid: number }): string => {
  const root = mkdtempSync("/var/tmp/gatehouse-");
  onTestFinished(() => {
    for (const rule of rulesOf(join(root, "data"))) rmSync(rule, { force: true });
    rmSync(root, { recursive: true, force: true });
  });
  chmodSync(root, 0o711);
  const data = join(root, "data");
  mkdirSync(data, { mode: 0o711 });
  chownSync(data, service.uid, service.gid);
  return data;
};

/** All files below a folder, by path: kind and mode, owner, time of change, size and hash of the content. */
export const treeOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [".", ...(readdirSync(folder, { recursive: true }) as string[])].map((name) => {
      const path = join(folder, name);
      const { mode, uid, gid, mtimeMs, size } = lstatSync(path);
      const isFile = lstatSync(path).isFile();
      const text = isFile ? createHash("sha256").update(readFileSync(path)).digest("hex") : "";
      return [name, [mode.toString(8), uid, gid, mtimeMs, isFile ? size : "", text].join(" ")];
    }),
  );

/** Leaves the journal of an interrupted run, until the end of the test. Returns its path. */
export const leaveJournal = async (usersFile: string, records: readonly unknown[]): Promise<string> => {
  const path = thisMachine.journals.pathOf(usersFile);
  onTestFinished(() => rmSync(path, { force: true }));
  const journal = await thisMachine.journals.open(usersFile);
  if (!journal.ok) throw new Error(journal.error.code);
  for (const record of records) await journal.value.append(record);
  await journal.value.close("keep");
  return path;
};
