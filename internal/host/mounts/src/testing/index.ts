import { writeFileSync } from "node:fs";
import { allowListText } from "../allow-list.ts";
import { allowListFileIn } from "../allow-list-file.ts";

/** Allows the groups of a test to mount everything that no other rule refuses. */
export const allowAllMounts = (dataDir: string): void =>
  writeFileSync(
    allowListFileIn(dataDir),
    allowListText({ folders: [{ path: "/", access: "write" }], hasGroups: true }),
    { mode: 0o600 },
  );
