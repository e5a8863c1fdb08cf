import { shellCommand } from "../../user-check.ts";
import { shippedMemory } from "../shipped-memory.ts";

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
