import { isUtf8 } from "node:buffer";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { besideGroups } from "@gatehouse/group-setup";
import { makeFolder } from "@gatehouse/fs-kit";
import { groupFolder } from "@gatehouse/group-workspace";
import { systemCode } from "@gatehouse/std";
import type { ImportedRow } from "../convert-rows.ts";
import { copyFolder } from "../folder/copy-folder.ts";
import { holdsSomething } from "../folder/facts-of.ts";
import { plainFolder } from "../folder/plain-folder.ts";
import type { Along, AlongPlace, Left } from "./brought.ts";

const what = join("groups", "global");

/** The file for a group's own text, which its agent reads at its start. */
const localFile = "CLAUDE.local.md";

/** Maximum size of the memory for each group, bytes: every conversation begins with it. */
const maxBytes = 256 * 1024;

/**
 * Imports the memory that all nanoclaw groups read: the whole folder, and the text of its CLAUDE.md into the
 * CLAUDE.local.md of each group.
 */
export const bringGlobal = async (place: AlongPlace, groups: readonly ImportedRow[]): Promise<Along> => {
  const from = await plainFolder(place.folder, "groups", "global");
  if (from === null || groups.length === 0) return { brought: [], left: [] };
  const there = groupFolder(place.dataDir, "global");
  if (await holdsSomething(there))
    return { brought: [], left: [{ what, count: 1, why: `${there} exists already, and stays` }] };
  const beside = besideGroups(place.staging);
  await makeFolder(beside, 0o711);
  const { files, skipped } = await copyFolder(from, join(beside, "global"), place);
  const left: Left[] = skipped.map(({ path, why }) => ({ what: join(what, path), count: 1, why }));
  const text = await plainText(join(from, "CLAUDE.md"));
  let given = 0;
  for (const { folder } of groups)
    if (text !== null && (await isAdded(join(place.staging, String(folder), localFile), text))) given += 1;
    else if (text !== null)
      left.push({
        what: join(what, "CLAUDE.md"),
        count: 1,
        why: `groups/${String(folder)}/${localFile} is not a plain file, so it was not added there`,
      });
  const now = given === 0 ? there : `${there}; its CLAUDE.md is in the ${localFile} of each group too`;
  return { brought: [{ what, files, now }], left };
};

/** The text of a file; null unless it is a plain file of UTF-8 text, not empty and not too long. */
const plainText = async (file: string): Promise<string | null> => {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const facts = await handle.stat();
      if (!facts.isFile() || facts.size > maxBytes) return null;
      const bytes = await handle.readFile();
      const text = isUtf8(bytes) ? bytes.toString("utf8").trim() : "";
      return text === "" ? null : text;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (["ENOENT", "ELOOP", "ENXIO", "EACCES"].includes(systemCode(error))) return null;
    throw error;
  }
};

/** Appends the text to a group's file. Returns false if the file is a link, a folder or a pipe. */
const isAdded = async (file: string, text: string): Promise<boolean> => {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
  try {
    const handle = await open(file, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) return false;
      const gap = facts.size === 0 ? "" : "\n\n";
      await handle.writeFile(
        `${gap}<!-- From nanoclaw's groups/global/CLAUDE.md, for all groups -->\n\n${text}\n`,
      );
      return true;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (["ELOOP", "EISDIR", "ENXIO", "EACCES"].includes(systemCode(error))) return false;
    throw error;
  }
};
