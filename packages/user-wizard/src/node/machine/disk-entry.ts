import type { Stats } from "node:fs";
import type { DiskEntry } from "../../ports.ts";

/** Converts the system's facts about an entry or an open file to the port's type. */
export const entryOf = (stats: Stats): DiskEntry => ({
  kind: stats.isFile()
    ? "file"
    : stats.isDirectory()
      ? "directory"
      : stats.isSymbolicLink()
        ? "link"
        : "other",
  mode: stats.mode & 0o7777,
  uid: stats.uid,
  gid: stats.gid,
});
