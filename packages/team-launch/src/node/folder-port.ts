import { realpathSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import { thisPlatform } from "@trust/claude-state-probe/node";
import { momentOf, planFull } from "@trust/preflight/node";
import type { FolderPort, LaunchPorts } from "../lifecycle/launch-ports.ts";

/** A folder port, and a `planFull` that reuses what the port read last. */
type LookAndPlan = {
  readonly folders: FolderPort;
  readonly planFull: LaunchPorts["trust"]["planFull"];
};

/**
 * Reads folders like preflight: by their `.git` entries, never through git itself. Preflight then plans them from the
 * last read and does not read them again: with many folders that would take as long as half of the plan.
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

/** A missing home has only one spelling. */
const realHome = (home: string): string => {
  try {
    return realpathSync.native(home);
  } catch (error) {
    systemCode(error);
    return home;
  }
};
