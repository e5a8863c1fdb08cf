import type { Done, Io, OnOwnHost } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import type { Command } from "commander";
import type { UninstallFlags } from "./uninstall-command.ts";

/** Adds `gatehouse uninstall`. */
export const addUninstall = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const command = program
    .command("uninstall")
    .description(
      "list or remove all that a host has left on this machine; what is people's is named and stays",
    )
    .option("--list", "list it with sizes, and remove nothing")
    .option("--yes", "remove it; a removal that was killed goes on when it is run again");
  addDatabaseOption(command).action(async () => {
    const flags = command.optsWithGlobals<UninstallFlags>();
    if ((flags.list === true) === (flags.yes === true)) command.error("error: give --list or --yes");
    const { uninstallCommand } = await import("./uninstall-command.ts");
    done(await onOwnHost(flags, io, () => uninstallCommand(flags, io)));
  });
};
