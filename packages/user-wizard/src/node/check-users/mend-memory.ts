import { shellCommand } from "../../user-check.ts";
import { shippedMemory } from "../shipped-memory.ts";

// Both with the person's rights: between the look and the command the owner of the directory may put a link or another
// name of root's file there, which root's install, chown or chmod would follow.

const asPerson = (account: string, ...command: readonly string[]): string =>
  shellCommand(["sudo", "-H", "-u", account, ...command]);

const seed = (account: string, path: string): string =>
  `${asPerson(account, "tee", path)} < ${shellCommand([shippedMemory])} > /dev/null`;

/** Writes a MEMORY.md that is missing, from the example that root can read. */
export const mendMissing = (account: string, path: string): readonly string[] => [
  "sh",
  "-c",
  `umask 077; ${seed(account, path)}`,
];

/** Moves a MEMORY.md of another account aside, and writes a new one. */
export const mendForeign = (account: string, path: string): readonly string[] => [
  "sh",
  "-c",
  `umask 077; ${asPerson(account, "mv", "-f", path, `${path}.old`)} && ${seed(account, path)}`,
];
