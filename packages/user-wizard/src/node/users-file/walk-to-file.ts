import { lstat, readlink } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { DiskEntry } from "../../ports.ts";
import { safetyFlaws, type SafetyFlaw } from "../../users-file/users-file-safety.ts";
import { entryOf } from "../machine/disk-entry.ts";

/** Links on one way, as Linux counts them (path_resolution(7)). */
const mostLinks = 40;

export type Walked = {
  /** The path without a link in it. */
  readonly real: string;
  readonly kind: DiskEntry["kind"];
  /** Of the folders and links on the way, those behind a link too. The file itself is judged once it is open. */
  readonly flaws: readonly SafetyFlaw[];
};

/**
 * Goes the way to a file (an absolute path) name by name, from `/` and through links, as the system would. Without a
 * flaw only root and the service can lead it elsewhere, so that it is still the way when the file is opened.
 */
export const walkToFile = async (path: string, service: number): Promise<Walked> => {
  const flaws = new Map<string, readonly SafetyFlaw[]>();
  const names = path.split("/").slice(1);
  const visit = async (there: string): Promise<DiskEntry["kind"]> => {
    const entry = entryOf(await lstat(there));
    if (names.length > 0 || entry.kind === "link") flaws.set(there, safetyFlaws(there, entry, service));
    return entry.kind;
  };
  let [real, kind, links] = ["/", await visit("/"), 0];
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const next = join(real, name);
    kind = await visit(next);
    if (kind !== "link") {
      real = next;
      continue;
    }
    if ((links += 1) > mostLinks) throw Object.assign(new Error(path), { code: "ELOOP" });
    const target = await readlink(next);
    names.unshift(...target.split("/"));
    if (isAbsolute(target)) real = "/";
  }
  return { real, kind, flaws: [...flaws.values()].flat() };
};
