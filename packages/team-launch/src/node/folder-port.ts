import { realpathSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import { thisPlatform } from "@trust/claude-state-probe/node";
import { momentOf, planFull } from "@trust/preflight/node";
import type { FolderPort, LaunchPorts } from "../lifecycle/launch-ports.ts";

/** A port of folders, and a plan of the folders that it was asked for last. */
type LookAndPlan = {
  readonly folders: FolderPort;
  readonly planFull: LaunchPorts["trust"]["planFull"];
};

/**
 * Looks at folders as preflight does: by their `.git` entries, and never by git itself. Preflight then plans them at the
 * moment of the last look, and does not look at them again: with many folders that takes as long as the half of a plan.
 */
export const lookAndPlan = (home: string): LookAndPlan => {
  let moment = momentOf(home);
  return {
    folders: {
      homes: [home, realHome(home)],
      platform: thisPlatform,
      look: async (folders) => {
        const { locate } = (moment = momentOf(home));
        const found = await Promise.all(
          folders.map(async (folder) => {
            const located = await locate(folder);
            const facts = located.ok ? { real: located.value.real, gitRoot: located.value.mainRoot } : null;
            return [folder, facts] as const;
          }),
        );
        return new Map(found);
      },
    },
    planFull: (request) => planFull(request, moment),
  };
};

/** A home that is missing has one spelling. */
const realHome = (home: string): string => {
  try {
    return realpathSync.native(home);
  } catch (error) {
    systemCode(error);
    return home;
  }
};
