import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { namedPath, type Done, type Io, type OnOwnHost } from "@gatehouse/cli-kit";
import type { Command } from "commander";
import type { ProvidersFlags } from "./providers-command.ts";

/** Adds `gatehouse providers add`, `list` and `remove`. */
export const addProviders = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const providers = program
    .command("providers")
    .description("agents of your own that speak ACP, which groups may have as own:NAME");
  const add = (command: Command, run: (flags: ProvidersFlags, word: string) => Promise<number>): void => {
    command.action(async () => {
      const flags = command.optsWithGlobals<ProvidersFlags>();
      done(await onOwnHost(flags, io, () => run(flags, command.args[0] ?? "")));
    });
  };
  add(
    providers
      .command("add")
      .argument("<row>", "a file with the row that gatehouse agents try proposed; - reads stdin", namedPath)
      .description("let groups have an agent by its row; replaces the one of the same name"),
    async (flags, file) => (await import("./providers-command.ts")).addCommand(file, flags, io),
  );
  add(providers.command("list").description("list these agents, with their commands"), async (flags) =>
    (await import("./providers-command.ts")).listCommand(flags, io),
  );
  add(
    addDatabaseOption(providers.command("remove"))
      .argument("<name>", "its name, without own:")
      .description(
        "forget an agent, and name the groups and sessions that have it: they start no agent until they have another",
      ),
    async (flags, name) => (await import("./providers-command.ts")).removeCommand(name, flags, io),
  );
};
