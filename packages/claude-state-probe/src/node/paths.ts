import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, parse, resolve } from "node:path";
import process from "node:process";
import { type Result, systemCode } from "@gatehouse/std";
import type { Platform } from "../keys.ts";

/** The platform that this process runs on, in the form that the pure functions of paths take. */
export const thisPlatform: Platform =
  process.platform === "win32" || process.platform === "darwin" ? process.platform : "linux";

/** An absolute folder and every folder above it, nearest first. */
export const upwards = (folder: string): readonly string[] => {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
};

/**
 * The real path, read synchronously: a call takes 2 µs, and 20 to 40 through the thread pool. For ten calls
 * that is more than reading a small state file. Claude Code also reads synchronously at its start.
 */
export const realPathOf = (path: string): Result<string, string> => {
  try {
    return { ok: true, value: realpathSync.native(path) };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};

/** The most links in one path. Linux has the same limit (path_resolution(7)). */
const maxLinks = 40;

/** The text of a link; null if the path is not a link. */
const linkAt = (path: string): Buffer | null => {
  try {
    // Creating an error for a missing entry takes longer than this look.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return null;
    return readlinkSync(path, { encoding: "buffer" });
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const separator = thisPlatform === "win32" ? /[\\/]/ : "/";

/** The names after the root. */
const partsOf = (path: string): string[] =>
  path
    .slice(parse(path).root.length)
    .split(separator)
    .filter((part) => part !== "" && part !== ".");

/**
 * True if every link in a path leads where its text says, for every program that reads it. Claude Code
 * 2.1.328 resolves links itself: it rejects a link whose text is not UTF-8. It resolves `..` after a link by
 * the text, while the system resolves it from the folder reached by then.
 */
export const isPlainWay = (path: string): boolean => {
  const rest = partsOf(path);
  let at = parse(resolve(path)).root;
  for (let links = 0; rest.length > 0;) {
    const next = join(at, rest.shift() ?? "");
    const bytes = linkAt(next);
    if (bytes === null) {
      at = next;
      continue;
    }
    const text = bytes.toString("utf8");
    links += 1;
    if (links > maxLinks || !Buffer.from(text).equals(bytes) || !leadsBack(at, next, text)) return false;
    if (isAbsolute(text)) at = parse(text).root;
    rest.unshift(...partsOf(text));
  }
  return true;
};

/** True if the text of a link with `..` and the system lead to the same place. */
const leadsBack = (at: string, link: string, text: string): boolean => {
  if (!partsOf(text).includes("..")) return true;
  const [byText, bySystem] = [realPathOf(resolve(at, text)), realPathOf(link)];
  return byText.ok && bySystem.ok && byText.value === bySystem.value;
};
