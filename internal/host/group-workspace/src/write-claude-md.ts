import { isUtf8 } from "node:buffer";
import { constants } from "node:fs";
import { open, readlink } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";
import { composeClaudeMd, hasOurPart, type Instructed } from "./compose-claude-md.ts";
import { groupFolder } from "./group-folder.ts";
import type { InstructionsError } from "./instructions-error.ts";
import { instructionFileOf, instructionFiles, isInstructionFile } from "./instruction-files.ts";

type Written = Result<"written" | "unchanged", InstructionsError>;

/** Updates a group's CLAUDE.md to its configuration. Writes the file only if the text changes. */
export const writeClaudeMd = (dataDir: string, folder: string, config: Instructed): Promise<Written> =>
  writeOne(join(groupFolder(dataDir, folder), "CLAUDE.md"), config);

/**
 * Updates the instructions in a group's folder to its configuration. Writes the files that these providers read, and every
 * other file that has our part already, from an earlier provider.
 */
export const writeInstructionFiles = async (
  { dataDir, folder }: { readonly dataDir: string; readonly folder: string },
  config: Instructed,
  providers: readonly string[],
): Promise<Written> => {
  const path = groupFolder(dataDir, folder);
  const read = new Set(await Promise.all(providers.map((one) => placeOf(path, instructionFileOf(one)))));
  let result: Written = { ok: true, value: "unchanged" };
  for (const name of instructionFiles) {
    const file = join(path, name);
    if (!read.has(name) && !(await isOurs(file))) continue;
    const written = await writeOne(file, config);
    if (!written.ok) return written;
    if (written.value === "written") result = written;
  }
  return result;
};

/** Reads the instruction files in a group's folder, for a session that works in another folder. */
export const instructionsIn = async (
  dataDir: string,
  folder: string,
): Promise<readonly { readonly name: string; readonly text: string }[]> => {
  const path = groupFolder(dataDir, folder);
  const read = await Promise.all(
    instructionFiles.map(async (name) => ({ name, file: await readPlainFile(join(path, name)) })),
  );
  return read.flatMap(({ name, file }) =>
    file.ok && file.value !== null ? [{ name, text: file.value.text }] : [],
  );
};

/** Returns the file to write for a name: CLAUDE.md if a person linked AGENTS.md to CLAUDE.md. */
const placeOf = async (folder: string, name: string): Promise<string> => {
  try {
    const target = await readlink(join(folder, name));
    return isInstructionFile(target) ? target : name;
  } catch (error) {
    systemCode(error);
    return name;
  }
};

const isOurs = async (file: string): Promise<boolean> => {
  const current = await readPlainFile(file);
  return current.ok && current.value !== null && hasOurPart(current.value.text);
};

const writeOne = async (file: string, config: Instructed): Promise<Written> => {
  const current = await readPlainFile(file);
  if (!current.ok) return current;
  const composed = composeClaudeMd(current.value?.text ?? null, config);
  if (!composed.ok) return { ok: false, error: { ...composed.error, file } };
  if (composed.value === null || composed.value === current.value?.text)
    return { ok: true, value: "unchanged" };
  try {
    await replaceFile(file, composed.value, current.value?.mode ?? 0o644);
    return { ok: true, value: "written" };
  } catch (error) {
    return { ok: false, error: { code: "instructions-unusable", file, detail: systemCode(error) } };
  }
};

/**
 * The limit on an instruction file, bytes. The group's agent can make the file as large as its disk, and Claude Code reads
 * all of it in each session.
 */
const maxBytes = 4_194_304;

type PlainFile = { readonly text: string; readonly mode: number };

/** Returns null if there is no file. */
const readPlainFile = async (file: string): Promise<Result<PlainFile | null, InstructionsError>> => {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return { ok: false, error: { code: "no-plain-file", file } };
      if (stat.size > maxBytes)
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
