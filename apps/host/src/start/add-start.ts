import type { Done, Io } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import type { Command } from "commander";
import { imageOptions } from "../image/image-options.ts";
import { addInitOptions } from "../init/add-init.ts";
import { addRuntimeOptions, addUpstreamOption } from "../up/add-up.ts";
import type { StartFlags } from "./start-command.ts";

/** Adds `gatehouse start`. */
export const addStart = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("start")
    .description(
      "build the agents' image if an engine runs here, make the owner's group, run the host, and chat: what is there already is used",
    );
  addRuntimeOptions(addUpstreamOption(addDatabaseOption(addInitOptions(command)))).action(async () => {
    const { startCommand } = await import("./start-command.ts");
    const image = { containerfile: imageOptions.containerfile(), clis: imageOptions.clis };
    done(await startCommand(command.optsWithGlobals<StartFlags>(), program.version() ?? "", image, io));
  });
};
