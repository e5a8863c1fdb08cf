import { visible, visibleJson } from "@gatehouse/std";
import { reservedIn } from "./look-alikes.ts";

/** Matches a path segment of letters and digits of any script, of at most 252 bytes; file systems allow 255. */
const folderName = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u;

/** The folder that all groups of a nanoclaw folder share, so that no group may own it. */
const reserved = "global";

/** Returns the problem with a folder's name as a sentence, or null. */
export const folderProblem = (folder: string): string | null => {
  if (folder.toLowerCase() === reserved) return `The folder name "${reserved}" is reserved.`;
  const isFit = folderName.test(folder) && !folder.endsWith(".") && folder.normalize("NFC") === folder;
  return isFit
    ? null
    : `${JSON.stringify(folder)} cannot be the name of a group's folder: letters, digits, ".", "_" and "-", a letter or digit first, no "." last, at most 63 of them.`;
};

/** Returns the problem with a group's name as a sentence, or null. */
export const nameProblem = (name: string): string | null => {
  const taken = reservedIn(name);
  if (taken !== null)
    return `${visibleJson(name)} cannot be the name of a group: "${taken}" is a name of the host.`;
  const isFit = name.trim() === name && /^.{1,100}$/u.test(name) && visible(name) === name;
  return isFit
    ? null
    : `${visibleJson(name)} cannot be the name of a group: 1 to 100 visible characters on one line, no space at either end.`;
};
