import type { Done, Io, OnOwnHost } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { Option, type Command } from "commander";
import type { UsageFlags } from "./usage-command.ts";

/** Adds `gatehouse usage`. */
export const addUsage = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const command = program
    .command("usage")
    .description("show what agents used of the models; changes nothing, and needs no running host")
    .addOption(
      new Option("--by <what>", "a line for each group, person or day")
        .choices(["group", "person", "day"])
        .default("group"),
    );
  addDatabaseOption(command).action(async () => {
    const { usageCommand } = await import("./usage-command.ts");
    const flags = command.optsWithGlobals<UsageFlags>();
    done(await onOwnHost(flags, io, () => usageCommand(flags, io)));
  });
};
