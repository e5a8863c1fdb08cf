import type { Io } from "@gatehouse/cli-kit";
import { psCommand, type PsFlags, type WhyForeign } from "./ps-command.ts";
import type { ListApprovals } from "./waiting-approval.ts";

export type { ListApprovals } from "./waiting-approval.ts";

/**
 * Parses `gatehouse ps` with the flags that need no parser. Returns a function that runs it and resolves to
 * its exit code; null for any other command line: the program's own parser reads that, and takes longer to
 * load than `ps` takes to run.
 */
export const quickPs = (
  argv: readonly string[],
  listApprovals: ListApprovals,
  whyForeign: WhyForeign,
): ((io: Io) => Promise<number>) | null => {
  const [command, ...rest] = argv;
  if (command !== "ps") return null;
  const flags: { -readonly [F in keyof PsFlags]: PsFlags[F] } = {};
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at];
    if (word === "--json") flags.json = true;
    else if (word === "--waiting") flags.waiting = true;
    else if (word === "--watch") flags.watch = true;
    else if (word === "--wide") flags.wide = true;
    else if (word === "--data" && rest[at + 1] && !rest[at + 1]?.startsWith("-"))
      flags.data = rest[++at] ?? "";
    else return null;
  }
  return (io) => psCommand(flags, io, listApprovals, whyForeign);
};
