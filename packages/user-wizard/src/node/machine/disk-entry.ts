import type { Stats } from "node:fs";
import type { DiskEntry } from "../../ports.ts";

/** What the system tells of an entry or an open file, as the port has it. */
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
