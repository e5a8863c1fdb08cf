import type { Done, Io } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import type { Command } from "commander";
import type { CopyFlags } from "./copy-command.ts";

/** Adds `gatehouse database copy`. */
export const addDatabase = (program: Command, io: Io, done: Done): void => {
  const database = program.command("database").description("move a host's database to PostgreSQL");
  const copy = database
    .command("copy")
    .description(
      "copy gatehouse.db of the data folder to an empty PostgreSQL database, all of it or nothing; stop the host first",
    );
  addDatabaseOption(copy).action(async () => {
    const { copyCommand } = await import("./copy-command.ts");
    done(await copyCommand(copy.optsWithGlobals<CopyFlags>(), io));
  });
};
