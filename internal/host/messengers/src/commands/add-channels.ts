import type { Done, Io, OnOwnHost } from "@gatehouse/cli-kit";
import { namedPath } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { Argument, type Command } from "commander";
import { messengers, messengerTypes } from "../messengers.ts";
import type { AddFlags, ChannelsFlags } from "./channels-command.ts";

/** Adds `gatehouse channels add`, `list` and `remove`. */
export const addChannels = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const channels = program.command("channels").description(
    `the messengers from which people write to agents: ${Object.values(messengers)
      .map(({ title }) => title)
      .join(", ")}`,
  );
  const add = <Flags extends ChannelsFlags>(
    command: Command,
    run: (flags: Flags, type: string) => Promise<number>,
  ): void => {
    command.action(async (type: string) => {
      const flags = command.optsWithGlobals<Flags>();
      done(await onOwnHost(flags, io, () => run(flags, type)));
    });
  };
  const named = (command: Command): Command =>
    command
      .addArgument(new Argument("<messenger>", "the messenger").choices(messengerTypes))
      .option("--bot <name>", "a name for a further bot of this messenger");
  const adding = named(channels.command("add"))
    .option(
      "--token-file <file>",
      "a file with the bot's secrets, one a line, as they are asked for",
      namedPath,
    )
    .description(
      "add a bot; its secrets are typed at the terminal without echo, or else read from stdin, one a line",
    );
  add<AddFlags>(adding, async (flags, type) =>
    (await import("./channels-command.ts")).addCommand(type, flags, io),
  );
  add(
    addDatabaseOption(channels.command("list").description("list the bots, and who receives their messages")),
    async (flags) => (await import("./channels-command.ts")).listCommand(flags, io),
  );
  const removing = named(channels.command("remove")).description(
    "remove a bot and its secrets from this host",
  );
  add(removing, async (flags, type) =>
    (await import("./channels-command.ts")).removeCommand(type, flags, io),
  );
};
