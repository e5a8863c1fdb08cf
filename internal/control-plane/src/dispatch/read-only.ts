import type { CommandContext } from "../world/command-context.ts";

const refuse = (): never => {
  throw new TypeError("A read changes no folder");
};

/**
 * The context of a read. Its database refuses writes by itself; this refuses changes outside the database.
 */
export const readOnly = (context: CommandContext): CommandContext => ({
  ...context,
  folders: { ...context.folders, make: refuse, attach: refuse, purge: refuse },
});
