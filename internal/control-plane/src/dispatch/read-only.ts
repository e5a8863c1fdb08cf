import type { CommandContext } from "../world/command-context.ts";

const refuse = (): never => {
  throw new TypeError("A read changes no folder");
};

/** The context of a read. Its database refuses to write by itself; this refuses what lies beside the database. */
export const readOnly = (context: CommandContext): CommandContext => ({
  ...context,
  folders: { ...context.folders, make: refuse, purge: refuse },
});
