import { installCommand } from "../providers/agent-clis.ts";
import { seconds, type Explanation, type Place, type VerdictOf } from "./explanation.ts";

type NotStarted = VerdictOf<
  | "cli-not-found"
  | "cli-too-old"
  | "version-not-proven"
  | "pty-unavailable"
  | "lock-timeout"
  | "state-unreadable"
>;

/** The CLI was not started, or did not get permission to commit. */
export const explainNotStarted = (verdict: NotStarted, { workspace, cli, startedAs }: Place): Explanation => {
  const { title } = cli;
  switch (verdict.code) {
    case "cli-not-found":
      return {
        message: `${title} was not found: ${verdict.looked}.`,
        fix: `${installCommand(cli)}   (or name it with \`cli.${cli.provider}\`)`,
      };
    case "cli-too-old":
      return {
        message: `${title} ${verdict.version} is older than ${cli.oldest?.version}: ${cli.oldest?.why}.`,
        fix: installCommand(cli),
      };
    case "version-not-proven":
      return {
        message: `It is not known whether ${title} asks for trust in ${workspace}: ${verdict.why}`,
        fix: `Start "${startedAs ?? cli.file}" in ${workspace} and see whether it asks, or use a version that was tried: ${installCommand(cli)}`,
      };
    case "pty-unavailable":
      return {
        message: `No pseudo terminal could be opened: ${verdict.detail}`,
        fix: "Install the optional dependency node-pty, and mount /dev/pts.",
      };
    case "lock-timeout":
      return {
        message: `Another preflight kept ${verdict.file} to itself for ${seconds(verdict.waitedMs)}${verdict.holder === null ? "" : ` (${verdict.holder})`}.`,
        fix: "Wait for it to end, or end it, and repeat. A lock of a process that is gone never blocks.",
      };
    case "state-unreadable":
      return {
        message: `${title}'s state ${verdict.file} cannot be relied on, so nothing was started: ${verdict.why}`,
        fix:
          cli.trust === "recorded"
            ? `Repair or restore ${verdict.file}; ${title} keeps backups beside it.`
            : `Repair or restore ${verdict.file}.`,
      };
  }
};
