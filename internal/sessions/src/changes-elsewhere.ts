import { changesNoted } from "@gatehouse/control-plane";
import type { LoopContext } from "./context.ts";

/** Follows the changes that commands made on other hosts. The first look only learns how many there were. */
export const changesElsewhere = (
  { central }: Pick<LoopContext, "central">,
  refresh: () => Promise<void>,
): { readonly look: () => Promise<void> } => {
  let seen: number | null = null;
  return {
    look: async () => {
      const now = await changesNoted(central.reading);
      const before = seen;
      seen = now;
      if (before !== null && before !== now) await refresh();
    },
  };
};
