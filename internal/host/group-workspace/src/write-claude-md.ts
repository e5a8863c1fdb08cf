import { isUtf8 } from "node:buffer";
import { readlink } from "node:fs/promises";
import { join } from "node:path";
import { inFolder, moveAside, readEntry, replaceFile, type HeldFolder } from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";
import { composeClaudeMd, hasOurPart, type Instructed } from "./compose-claude-md.ts";
import { groupsFolder } from "./group-folder.ts";
import { explainInstructions, movedAside, type InstructionsError } from "./instructions-error.ts";
import { instructionFileOf, instructionFiles, isInstructionFile } from "./instruction-files.ts";

/**
 * The outcome of an update. `notes` are sentences for the owner, about files that were in the way, and about files that
 * could not be updated and stay as they are. The group starts in spite of them: its agent can write these files.
 */
type Written = Result<{ readonly isChanged: boolean; readonly notes: readonly string[] }, InstructionsError>;

type Group = { readonly dataDir: string; readonly folder: string };

/** Updates a group's CLAUDE.md to its configuration. Writes the file only if the text changes. */
export const writeClaudeMd = (dataDir: string, folder: string, config: Instructed): Promise<Written> =>
  inGroup({ dataDir, folder }, (held) => writeAll(held, ["CLAUDE.md"], config));

/**
 * Updates the instructions in a group's folder to its configuration. Writes the files that these providers read, and every
 * other file that has our part already, from an earlier provider.
 */
export const writeInstructionFiles = (
  group: Group,
  config: Instructed,
  providers: readonly string[],
): Promise<Written> =>
  inGroup(group, async (held) => {
    const read = new Set(await Promise.all(providers.map((one) => placeOf(held, instructionFileOf(one)))));
    const names: string[] = [];
    for (const name of instructionFiles) if (read.has(name) || (await isOurs(held, name))) names.push(name);
    return writeAll(held, names, config);
  });

/** Reads the instruction files in a group's folder, for a session that works in another folder. */
export const instructionsIn = async (
  dataDir: string,
  folder: string,
): Promise<readonly { readonly name: string; readonly text: string }[]> => {
  const files: { readonly name: string; readonly text: string }[] = [];
  const read = await inGroup({ dataDir, folder }, async (held) => {
    for (const name of instructionFiles) {
      const file = await readText(held, name);
      if (file.ok && file.value !== null) files.push({ name, text: file.value.text });
    }
    return { ok: true, value: null };
  });
  return read.ok ? files : [];
};

/** A group's folder that is held open, and its path for messages. */
type HeldGroup = HeldFolder & { readonly path: string };

const inGroup = async <T>(
  { dataDir, folder }: Group,
  use: (held: HeldGroup) => Promise<Result<T, InstructionsError>>,
): Promise<Result<T, InstructionsError>> => {
  const root = groupsFolder(dataDir);
  try {
    return await inFolder(root, folder, (held) => use({ ...held, path: join(root, folder) }));
  } catch (error) {
    const file = join(root, folder);
    return { ok: false, error: { code: "instructions-unusable", file, detail: systemCode(error) } };
  }
};

/** Returns the file to write for a name: CLAUDE.md if a person linked AGENTS.md to CLAUDE.md. */
const placeOf = async (held: HeldGroup, name: string): Promise<string> => {
  try {
    const target = await readlink(held.at(name));
    return isInstructionFile(target) ? target : name;
  } catch (error) {
    systemCode(error);
    return name;
  }
};

const isOurs = async (held: HeldGroup, name: string): Promise<boolean> => {
  const current = await readText(held, name);
  return current.ok && current.value !== null && hasOurPart(current.value.text);
};

const writeAll = async (held: HeldGroup, names: readonly string[], config: Instructed): Promise<Written> => {
  const done: Done = { isChanged: false, notes: [] };
  for (const name of names) {
    const problem = await writeOne(held, name, config, done);
    if (problem !== null) done.notes.push(explainInstructions(problem).message);
  }
  return { ok: true, value: done };
};

type Done = { isChanged: boolean; readonly notes: string[] };

/** Returns the reason why the file stays as it is; null if it is up to date. */
const writeOne = async (
  held: HeldGroup,
  name: string,
  config: Instructed,
  done: Done,
): Promise<InstructionsError | null> => {
  const file = join(held.path, name);
  try {
    let current = await readText(held, name);
    if (!current.ok && current.error.code === "no-plain-file") {
      done.notes.push(movedAside(file, await moveAside(held, name)));
      current = { ok: true, value: null };
    }
    if (!current.ok) return current.error;
    const composed = composeClaudeMd(current.value?.text ?? null, config);
    if (!composed.ok) return { ...composed.error, file };
    if (composed.value === null || composed.value === current.value?.text) return null;
    await replaceFile(held.at(name), composed.value, current.value?.mode ?? 0o644);
    done.isChanged = true;
    return null;
  } catch (error) {
    return { code: "instructions-unusable", file, detail: systemCode(error) };
  }
};

/**
 * The limit on an instruction file, bytes. The group's agent can make the file as large as its disk, and Claude Code reads
 * all of it in each session.
 */
const maxBytes = 4_194_304;

type TextFile = { readonly text: string; readonly mode: number };

/** The errors of an entry that is no file of this folder, or that its agent made unreadable for the host. */
const blocked: readonly string[] = ["not-a-file", "EISDIR", "EACCES"];

/** Returns null if there is no file. */
const readText = async (
  held: HeldGroup,
  name: string,
): Promise<Result<TextFile | null, InstructionsError>> => {
  const file = join(held.path, name);
  try {
    const { bytes, mode } = await readEntry(held, name, maxBytes);
    if (!isUtf8(bytes)) return { ok: false, error: { code: "not-utf8", file } };
    return { ok: true, value: { text: bytes.toString("utf8"), mode } };
  } catch (error) {
    const detail = systemCode(error);
    if (detail === "ENOENT") return { ok: true, value: null };
    if (blocked.includes(detail)) return { ok: false, error: { code: "no-plain-file", file } };
    return { ok: false, error: { code: "instructions-unusable", file, detail } };
  }
};
