import { namedPath, type Done, type Io, type OnOwnHost } from "@gatehouse/cli-kit";
import type { Command } from "commander";
import type { AllowFlags, MountsFlags } from "./mounts-command.ts";

/** Adds `gatehouse mounts allow`, `list` and `deny`. */
export const addMounts = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const mounts = program
    .command("mounts")
    .description("the folders of this machine that groups may mount; without an entry, none");
  const add = <Flags extends MountsFlags>(
    command: Command,
    run: (flags: Flags, folder: string) => Promise<number>,
  ): void => {
    command.action(async () => {
      const flags = command.optsWithGlobals<Flags>();
      done(await onOwnHost(flags, io, () => run(flags, command.args[0] ?? "")));
    });
  };
  const allow = mounts
    .command("allow")
    .argument("<folder>", "the folder or file; all that is in it may be mounted too", namedPath)
    .option("--rw", "containers may write to it")
    .description("let groups mount a folder, read-only unless --rw is given; it mounts nothing yet");
  add<AllowFlags>(allow, async (flags, folder) =>
    (await import("./mounts-command.ts")).allowCommand(folder, flags, io),
  );
  add(mounts.command("list").description("show the folders"), async (flags) =>
    (await import("./mounts-command.ts")).listCommand(flags, io),
  );
  const deny = mounts
    .command("deny")
    .argument("<folder>", "the folder or file", namedPath)
    .description("let groups mount it no longer; inside an allowed folder, it stays denied");
  add(deny, async (flags, folder) => (await import("./mounts-command.ts")).denyCommand(folder, flags, io));
};
