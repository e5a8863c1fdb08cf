import { runnableProviders } from "@gatehouse/provider-facts/agents";
import type { Done, Io } from "@gatehouse/cli-kit";
import { Option, type Command } from "commander";
import { addRuntimeOptions } from "../up/add-up.ts";

/** Adds `gatehouse demo`. */
export const addDemo = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("demo")
    .description("show a host at work, in a temporary folder and without a key; takes a few seconds")
    .addOption(
      new Option("--provider <name>", "the agent: echo (default), or the real CLI of a provider").choices(
        Object.keys(runnableProviders),
      ),
    )
    .option(
      "--console",
      "instead, let requests wait for you on the pages of the console, until you have answered",
    )
    .option("--install-cli", "fetch Claude Code from npm into the data folder, if none is installed");
  addRuntimeOptions(command, "sandbox, else process").action(async () => {
    const { demoCommand } = await import("./demo-command.ts");
    done(await demoCommand(command.optsWithGlobals(), program.version() ?? "", io));
  });
};
