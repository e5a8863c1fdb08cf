import type { CommandContext } from "@gatehouse/command-context";

const refuse = (): never => {
  throw new TypeError("A read changes no folder");
};

/** The context of a read: refuses changes of folders. The database itself refuses writes. */
export const readOnly = (context: CommandContext): CommandContext => ({
  ...context,
  folders: { ...context.folders, make: refuse, attach: refuse, purge: refuse },
});
