import { lstat, readlink } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { DiskEntry } from "../../ports.ts";
import { safetyFlaws, type SafetyFlaw } from "../../users-file/users-file-safety.ts";
import { entryOf } from "../machine/disk-entry.ts";

/** Maximum links in one path, as on Linux (path_resolution(7)). */
const mostLinks = 40;

export type Walked = {
  /** The path with all links resolved. */
  readonly real: string;
  readonly kind: DiskEntry["kind"];
  /**
   * Flaws of the folders and links on the way, including those behind a link. The file itself is checked
   * after it was opened.
   */
  readonly flaws: readonly SafetyFlaw[];
};

/**
 * Follows an absolute path to a file name by name, from `/` and through links, as the system would. If there
 * is no flaw, only root and the service can change the folders on the way, so the path still leads to the
 * same file when it is opened.
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
