import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, type Result } from "@gatehouse/std";
import { composeClaudeMd, type BrokenMarkers, type Instructed } from "./compose-claude-md.ts";
import { groupFolder } from "./group-folder.ts";

/** Why a group's instructions could not be written. */
export type InstructionsError = (
  | BrokenMarkers
  /**
   * A link, a folder or a pipe. The group's agent writes in this folder, and a link could lead to any file of
   * the host.
   */
  | { readonly code: "no-plain-file" }
  /** Not UTF-8: reading it as text and writing it back would change it. */
  | { readonly code: "not-utf8" }
  | { readonly code: "instructions-unusable"; readonly detail: string }
) & { readonly file: string };

/**
 * Brings a group's CLAUDE.md up to date with its configuration. Writes only if the text changed, and returns
 * whether it did.
 */
export const writeClaudeMd = async (
  dataDir: string,
  folder: string,
  config: Instructed,
): Promise<Result<"written" | "unchanged", InstructionsError>> => {
  const file = join(groupFolder(dataDir, folder), "CLAUDE.md");
  const current = await readPlainFile(file);
  if (!current.ok) return current;
  const composed = composeClaudeMd(current.value?.text ?? null, config);
  if (!composed.ok) return { ok: false, error: { ...composed.error, file } };
  if (composed.value === null || composed.value === current.value?.text)
    return { ok: true, value: "unchanged" };
  return replaceFile(file, composed.value, current.value?.mode ?? 0o644);
};

/**
 * Maximum bytes. The group's agent can make this file as long as its disk, and Claude Code reads all of it
 * into each session.
 */
const most = 4_194_304;

type PlainFile = { readonly text: string; readonly mode: number };

/** Returns null if there is no file. */
const readPlainFile = async (file: string): Promise<Result<PlainFile | null, InstructionsError>> => {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return { ok: false, error: { code: "no-plain-file", file } };
      if (stat.size > most)
        return { ok: false, error: { code: "instructions-unusable", file, detail: "EFBIG" } };
      const bytes = await handle.readFile();
      if (!isUtf8(bytes)) return { ok: false, error: { code: "not-utf8", file } };
      return { ok: true, value: { text: bytes.toString("utf8"), mode: stat.mode & 0o777 } };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return { ok: true, value: null };
    if (code === "ELOOP" || code === "ENXIO") return { ok: false, error: { code: "no-plain-file", file } };
    return { ok: false, error: { code: "instructions-unusable", file, detail: code } };
  }
};

const replaceFile = async (
  file: string,
  text: string,
  mode: number,
): Promise<Result<"written", InstructionsError>> => {
  const fresh = `${file}.${randomUUID()}`;
  try {
    const handle = await open(fresh, "wx", mode);
    try {
      await handle.writeFile(text);
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
    return { ok: true, value: "written" };
  } catch (error) {
    const detail = systemCode(error);
    await rm(fresh, { force: true });
    return { ok: false, error: { code: "instructions-unusable", file, detail } };
  }
};

/** Explains why a group's instructions are not up to date, and the fix. */
export const explainInstructions = (
  error: InstructionsError,
): { readonly message: string; readonly fix: string } => {
  switch (error.code) {
    case "broken-markers":
      return {
        message: `In ${error.file} the lines "gatehouse:begin" and "gatehouse:end" do not stand as one pair, so the host's part cannot be told from yours. The file is as it was.`,
        fix: "delete both lines, and what the host had put between them",
      };
    case "no-plain-file":
      return {
        message: `${error.file} is no plain file, so the instructions were not written.`,
        fix: "look at what it is, and move it away",
      };
    case "not-utf8":
      return {
        message: `${error.file} is not UTF-8, so nothing was written: a part of your text would be lost.`,
        fix: "save it as UTF-8",
      };
    case "instructions-unusable":
      return {
        message: `${error.file} could not be read or written (${error.detail}).`,
        fix: "look at the disk, and at the owner and rights of the folder",
      };
  }
};
