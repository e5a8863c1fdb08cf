import { realpathSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import { locateWorkspace } from "@trust/claude-state-probe/node";
import type { FolderPort } from "../lifecycle/launch-ports.ts";

/** Looks at folders as preflight does: by their `.git` entries, and never by git itself. */
export const folderPort = (home: string): FolderPort => ({
  homes: [home, realHome(home)],
  look: async (folders) => {
    const found = await Promise.all(
      folders.map(async (folder) => {
        const located = await locateWorkspace(folder, { home });
        const facts = located.ok ? { real: located.value.real, gitRoot: located.value.mainRoot } : null;
        return [folder, facts] as const;
      }),
    );
    return new Map(found);
  },
});

/** A home that is missing has one spelling. */
const realHome = (home: string): string => {
  try {
    return realpathSync(home);
  } catch (error) {
    systemCode(error);
    return home;
  }
};
