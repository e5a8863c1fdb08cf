import type { AgentCli } from "../providers/agent-clis.ts";
import { seconds, type Explanation, type Place, type VerdictOf } from "./explanation.ts";
import type { NotPersisted } from "../verdict.ts";

type NotProven = VerdictOf<
  | "timeout"
  | "trust-not-persisted"
  | "trust-wider-than-planned"
  | "control-unavailable"
  | "not-asked-unproven"
  | "cli-exited"
  | "cancelled"
>;

/** The CLI was started, and its state does not prove the requested trust. */
export const explainNotProven = (verdict: NotProven, { workspace, cli, startedAs }: Place): Explanation => {
  const { title } = cli;
  const file = startedAs ?? cli.file;
  switch (verdict.code) {
    case "timeout":
      if (verdict.limit === "batch")
        return {
          message: `The batch was not done within ${seconds(verdict.timeoutMs)}, and this folder was still open.`,
          fix: "Repeat it for the folders that are left, or give the batch more time.",
        };
      return {
        message: `${title} showed neither a known dialog nor its prompt within ${seconds(verdict.timeoutMs)} (limit: ${verdict.limit}).`,
        fix: `Look at the screen; give it more time with \`timeoutMs\`, or start "${file}" in ${workspace} to see what it waits for.`,
      };
    case "trust-not-persisted":
      return explainNotPersisted(verdict.reason, verdict.file, title);
    case "trust-wider-than-planned":
      return {
        message: `${title} now trusts ${verdict.keys.join(", ")}, which nobody named: only ${verdict.planned} was to be trusted.`,
        fix: `Take it back: end ${title}, and ${takeBack(cli, verdict.keys, verdict.file)}.`,
      };
    case "control-unavailable":
      return {
        message: `${title} could not be asked over its control protocol, so nothing was confirmed: ${verdict.why}`,
        fix:
          cli.provider === "codex"
            ? "Leave `persist` out: then it is told at launch."
            : "Leave `via` out: then its dialog is answered.",
      };
    case "not-asked-unproven":
      return {
        message: `${title} reached its prompt without asking, and ${verdict.file} does not say that ${verdict.key} is trusted.`,
        fix: `Start "${file}" in ${workspace} and see whether it asks.`,
      };
    case "cli-exited":
      return {
        message: `${title} ended by itself (${verdict.signal ? `signal ${verdict.signal}` : `exit ${verdict.exitCode}`}) before trust was recorded.`,
        fix: `Look at the screen, or start "${file}" in ${workspace} to see why.`,
      };
    case "cancelled":
      return { message: "Cancelled before trust was recorded." };
  }
};

/**
 * How to remove trust from each CLI's state: Claude Code 2.1.328, Gemini 0.61.0, Qwen 0.24.4, Copilot 1.0.102, Kimi
 * 2.1.0, pi 1.5.2.
 */
const takeBack = ({ provider }: AgentCli, keys: readonly string[], file: string): string => {
  const named = keys.map((key) => JSON.stringify(key)).join(", ");
  if (provider === "claude")
    return `in ${file} remove "hasTrustDialogAccepted" from ${named} under "projects"`;
  if (provider === "kimi") return `remove the files in ${file} whose "root" is ${named}`;
  return `in ${file} remove what trusts ${named}`;
};

/** Explains why an answer is not in the CLI's state. */
const explainNotPersisted = (reason: NotPersisted, file: string, title: string): Explanation => {
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
