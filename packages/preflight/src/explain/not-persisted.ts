import type { NotPersisted } from "../verdict.ts";
import type { Explanation } from "./explanation.ts";

/** Explains why an answer is not in the CLI's state. */
export const explainNotPersisted = (reason: NotPersisted, file: string, title: string): Explanation => {
  switch (reason.type) {
    case "not-written":
      return {
        message: `Trust was confirmed, but ${title} never wrote it to ${file}.`,
        fix: `See that ${file} and its folder can be written and that the disk has room, and repeat.`,
      };
    case "lost":
      return {
        message: `Trust was on disk in ${file} and another process's write took it away, ${reason.times} times.`,
        fix: `End other ${title} sessions that write ${file}, and repeat.`,
      };
    case "state-not-writable":
      return {
        message: `${title} could not record anything in ${file} (${reason.detail}), so nothing was started.`,
        fix: `Make ${file} and its folder writable for this user, and repeat.`,
      };
    case "not-passable":
      return {
        message: `${title} cannot be told about this folder at launch (${reason.detail}).`,
        fix: "Rename the folder, so that its path is short, printable text.",
      };
    case "not-repeatable":
      return {
        message: `${title} would no longer see what ${file} says of other folders, which is too much to be repeated at launch (${reason.detail}).`,
        fix: `Remove the entries that are no longer used from ${file}, or update ${title} to 0.72.0 or newer, named with \`cli.codex\`.`,
      };
    case "ledger-not-writable":
      return {
        message: `The consent ledger could not be written (${reason.detail}), so nothing was confirmed.`,
        fix: "Make the data folder this user's own and writable only for this user, or name another with `dataDir`, and repeat.",
      };
    case "lock-unsafe":
      return {
        message: `Other preflights could not be kept from ${file} (${reason.detail}), so nothing was confirmed.`,
        fix: "Repair that, and repeat.",
      };
    case "temp-not-writable":
      return {
        message: `The temporary folder could not be written (${reason.detail}), so nothing was started.`,
        fix: "Make room in it, or set TMPDIR to another, and repeat.",
      };
  }
};
