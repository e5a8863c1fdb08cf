import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ContainerJson } from "../../container-json.ts";
import type { GroupFileError } from "../../config-error.ts";
import { type Result, systemCode } from "@gatehouse/std";
import { findGroupFolder, type GroupPlace } from "./group-folder.ts";
import { readSmallFile } from "./read-small-file.ts";

/**
 * Writes `container.json` into a group's folder in one step, if its text differs. An existing file keeps its
 * mode; a new file is readable by its owner only, because it holds secrets. A link in its place is replaced,
 * not followed. `isOurs` is called last, right before the rename: a host that was paused must not replace a
 * newer host's file by an old one.
 */
export const writeContainerJson = async (
  place: GroupPlace,
  json: ContainerJson,
  isOurs: () => Promise<boolean> = async () => true,
): Promise<Result<"written" | "unchanged", GroupFileError>> => {
  const folder = await findGroupFolder(place);
  if (!folder.ok) return folder;
  const file = join(folder.value, "container.json");
  const text = `${JSON.stringify(json, null, 2)}\n`;
  const there = await readSmallFile(file);
  if (there.ok && there.value?.text === text) return { ok: true, value: "unchanged" };
  try {
    const mode = there.ok ? (there.value?.mode ?? 0o600) : 0o600;
    if (await isReplaced(file, text, mode, isOurs)) return { ok: true, value: "written" };
    return { ok: false, error: { code: "taken-over", file } };
  } catch (error) {
    return { ok: false, error: { code: "file-unwritable", file, detail: systemCode(error) } };
  }
};

const isReplaced = async (
  file: string,
  text: string,
  mode: number,
  isOurs: () => Promise<boolean>,
): Promise<boolean> => {
  const unfinished = `${file}.${randomUUID()}.unfinished`;
  try {
    await writeNew(unfinished, text, mode);
    if (!(await isOurs())) {
      await rm(unfinished);
      return false;
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
  return true;
};

const writeNew = async (path: string, text: string, mode: number): Promise<void> => {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
