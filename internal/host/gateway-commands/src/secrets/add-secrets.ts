import { namedPath, type Done, type Io, type OnOwnHost } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { Argument, type Command } from "commander";
import type { SecretsFlags } from "./secret-place.ts";

/** Adds `gatehouse secrets set`, `list`, `remove` and `rekey`. */
export const addSecrets = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const secrets = program
    .command("secrets")
    .description(
      "the vendors' keys, which the gateway adds to agents' requests, and the secrets of MCP servers",
    );
  const name = () =>
    new Argument(
      "<name>",
      "the key's vendor, anthropic, openai or google; or a secret of MCP servers, such as RSS_TOKEN",
    );
  const add = (command: Command, run: (flags: SecretsFlags) => Promise<number>): void => {
    addDatabaseOption(command).action(async () => {
      const flags = command.optsWithGlobals<SecretsFlags>();
      done(await onOwnHost(flags, io, () => run(flags)));
    });
  };
  const group = "only for this group: its id, name or folder (default: all groups without their own)";
  const set = secrets
    .command("set")
    .addArgument(name())
    .argument("[command...]", "after --: with --command, the program that prints the key, and its arguments")
    .description("set a key or a secret, typed at the terminal without echo, or else read from stdin")
    .option("--group <group>", group)
    .option("--command", "store a command that prints the key, instead of the key");
  add(set, async (flags) => {
    const { setCommand } = await import("./secrets-command.ts");
    const [typed = "", ...argv] = set.args;
    return setCommand({ name: typed, argv }, flags, io);
  });
  const list = secrets.command("list").description("list the keys and secrets, without their values");
  add(list, async (flags) => {
    const { listCommand } = await import("./list-command.ts");
    return listCommand(flags, io);
  });
  const rekey = secrets
    .command("rekey")
    .argument(
      "<file>",
      "the file to make, with the new key; hosts read it from GATEHOUSE_KEY_FILE",
      namedPath,
    )
    .description("make a key for the secrets that hosts share on PostgreSQL, and seal them with it")
    .option("--force", "remove from the database what the present key does not open");
  add(rekey, async (flags) =>
    (await import("./rekey-command.ts")).rekeyCommand(rekey.args[0] ?? "", flags, io),
  );
  const remove = secrets
    .command("remove")
    .addArgument(name())
    .description("remove a key or a secret; the vendor refuses later requests without the key")
    .option("--group <group>", group);
  add(remove, async (flags) => {
    const { removeCommand } = await import("./secrets-command.ts");
    return removeCommand(remove.args[0] ?? "", flags, io);
  });
};
