import { sudoersStaging } from "../../plan/plan-steps.ts";
import { shellCommand } from "../../user-check.ts";
import { shippedMemory } from "../places.ts";

/** A command that writes a sudo rule as root. visudo checks the text before the file gets its name. */
export const mendRule = (path: string, text: string): readonly string[] => {
  const staging = sudoersStaging(path);
  const write = shellCommand(["printf", String.raw`%s\n`, ...text.trimEnd().split("\n")]);
  const check = shellCommand(["visudo", "-cf", staging]);
  return [
    "sh",
    "-c",
    `umask 0337; ${write} > ${shellCommand([staging])} && ${check} && ${shellCommand(["mv", staging, path])}`,
  ];
};

// Both commands run with the person's rights. Between the check and the command, the directory's owner may
// put a link or a hard link to root's file there, which root's install, chown or chmod would follow.

const asPerson = (account: string, ...command: readonly string[]): string =>
  shellCommand(["sudo", "-H", "-u", account, ...command]);

const seed = (account: string, path: string): string =>
  `${asPerson(account, "tee", path)} < ${shellCommand([shippedMemory])} > /dev/null`;

/** A command that writes a missing MEMORY.md from the example, which root can read. */
export const mendMissing = (account: string, path: string): readonly string[] => [
  "sh",
  "-c",
  `umask 077; ${seed(account, path)}`,
];

/** A command that moves a MEMORY.md of another account aside, and writes a new one. */
export const mendForeign = (account: string, path: string): readonly string[] => [
  "sh",
  "-c",
  `umask 077; ${asPerson(account, "mv", "-f", path, `${path}.old`)} && ${seed(account, path)}`,
];
