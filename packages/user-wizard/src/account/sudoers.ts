import { fail, ok, type Result } from "@gatehouse/std";
import { folderNameOf, idText, type Ids } from "../user/user-ids.ts";

/**
 * The programs that the service may start as a person's account, and the directory from which sudo reads the
 * rule.
 */
export type SudoersRequest = {
  /** `/etc/sudoers.d`. */
  readonly directory: string;
  /** Absolute paths only: no arguments, no wildcards. */
  readonly commands: readonly string[];
  /** Tells this host's files from those of another host on the same machine: letters, digits, `-` and `_`. */
  readonly host?: string;
};

export type SudoersRefused = { readonly code: "sudoers-command-refused"; readonly command: string };

const absoluteProgram = /^(?:\/[A-Za-z0-9._+@-]+)+$/;

/**
 * The sudoers file of one person, from the names of their account and the service's. Its name has no dot, because sudo ignores names with one (sudoers(5),
 * 1.9.13).
 */
export const sudoersRule = (
  request: SudoersRequest,
  { user, account, service }: { user: Ids; account: string; service: string },
): Result<{ readonly path: string; readonly text: string }, SudoersRefused> => {
  const refused = request.commands.find((command) => !absoluteProgram.test(command));
  if (refused !== undefined) return fail({ code: "sudoers-command-refused", command: refused });
  const rule = `${service} ALL=(${account}) NOPASSWD: ${request.commands.join(", ")}`;
  const text = `# The agent of ${idText(user)} in users.yaml\n${rule}\n`;
  const host = request.host === undefined ? "" : `${request.host}-`;
  return ok({ path: `${request.directory}/gatehouse-${host}${folderNameOf(user)}`, text });
};
