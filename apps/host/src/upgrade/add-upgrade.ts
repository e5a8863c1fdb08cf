import type { Done, Io } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import type { Command } from "commander";
import type { UpgradeFlags } from "./upgrade-command.ts";

/** Adds `gatehouse upgrade`. */
export const addUpgrade = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("upgrade")
    .description(
      "try what this program would change in the database of an older one, or take the change back",
    )
    .option("--check", "run the migrations on a copy; a host may run, and nothing is changed")
    .option("--undo", "put the copy from before the last migration in place; stop the host first")
    .option("--yes", "with --undo: without a question");
  addDatabaseOption(command).action(async () => {
    const { upgradeCommand } = await import("./upgrade-command.ts");
    done(await upgradeCommand(command.optsWithGlobals<UpgradeFlags>(), io));
  });
};
