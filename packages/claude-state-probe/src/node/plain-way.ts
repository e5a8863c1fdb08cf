import { readlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemCode } from "@gatehouse/std";
import { realPathOf } from "./real-path.ts";

/** Links that one path may lead through; Linux gives up at the same number (path_resolution(7)). */
const mostLinks = 40;

/** Null where no link stands. */
const linkAt = (path: string): Buffer | null => {
  try {
    return readlinkSync(path, { encoding: "buffer" });
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const partsOf = (path: string): string[] => path.split("/").filter((part) => part !== "" && part !== ".");

/**
 * Whether every link on the way to a path leads where its text says, for whoever reads it. Claude Code 2.1.328 walks links
 * itself: it gives up one whose text is not UTF-8, and takes `..` behind a link by the text, where the system takes it by
 * the folder that it is in by then.
 */
export const isPlainWay = (path: string): boolean => {
  const rest = partsOf(path);
  let at = "/";
  for (let links = 0; rest.length > 0;) {
    const next = join(at, rest.shift() ?? "");
    const bytes = linkAt(next);
    if (bytes === null) {
      at = next;
      continue;
    }
    const text = bytes.toString("utf8");
    links += 1;
    if (links > mostLinks || !Buffer.from(text).equals(bytes) || !leadsBack(at, next, text)) return false;
    if (text.startsWith("/")) at = "/";
    rest.unshift(...partsOf(text));
  }
  return true;
};

/** Where a link climbs, its text and the system must come to the same place. */
const leadsBack = (at: string, link: string, text: string): boolean => {
  if (!partsOf(text).includes("..")) return true;
  const [byText, bySystem] = [realPathOf(resolve(at, text)), realPathOf(link)];
  return byText.ok && bySystem.ok && byText.value === bySystem.value;
};
