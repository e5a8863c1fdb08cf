import { changesNoted } from "@gatehouse/session-rows";
import type { LoopContext } from "./context.ts";

/**
 * Refreshes agents after commands on other hosts changed something. The first check only stores the current
 * count.
 */
export const changesOfOtherHosts = (
  { central }: Pick<LoopContext, "central">,
  refresh: () => Promise<void>,
): { readonly check: () => Promise<void> } => {
  let seen: number | null = null;
  return {
    check: async () => {
      const now = await changesNoted(central.reading);
      const before = seen;
      seen = now;
      if (before !== null && before !== now) await refresh();
    },
  };
};
