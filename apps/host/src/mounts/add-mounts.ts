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
    .argument("<folder>", "the folder or file; everything inside the folder may be mounted too", namedPath)
    .option("--rw", "containers may write to it")
    .description("let groups mount a folder, read-only unless --rw is given; this mounts nothing yet");
  add<AllowFlags>(allow, async (flags, folder) =>
    (await import("./mounts-command.ts")).allowCommand(folder, flags, io),
  );
  add(mounts.command("list").description("list the folders that groups may mount"), async (flags) =>
    (await import("./mounts-command.ts")).listCommand(flags, io),
  );
  const deny = mounts
    .command("deny")
    .argument("<folder>", "the folder or file", namedPath)
    .description("stop letting groups mount a folder, also one inside an allowed folder");
  add(deny, async (flags, folder) => (await import("./mounts-command.ts")).denyCommand(folder, flags, io));
};
