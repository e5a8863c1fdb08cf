import { type Done, type Io, type OnOwnHost } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { Option, type Command } from "commander";
import type { InviteFlags, MachinesFlags, RevokeFlags } from "./machines-command.ts";
import type { RunMachineFlags } from "./run-machine.ts";

/** Adds `gatehouse machines invite`, `list` and `revoke`, and `gatehouse machine run`. */
export const addMachine = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const machines = program
    .command("machines")
    .description("the other machines that run agents of this host: invite one, list them, end one");
  const add = <Flags extends MachinesFlags>(
    command: Command,
    run: (flags: Flags, word: string) => Promise<number>,
  ): void => {
    command.action(async () => {
      const flags = command.optsWithGlobals<Flags>();
      done(await onOwnHost(flags, io, () => run(flags, command.args[0] ?? "")));
    });
  };
  const invite = machines
    .command("invite")
    .description("print the command with which another machine begins to run the agents of a group")
    .requiredOption("--group <group>", "the group's id, name or folder")
    .option(
      "--address <host:port>",
      "where that machine finds this host (default: the name of this machine)",
    );
  add<InviteFlags>(invite, async (flags) =>
    (await import("./machines-command.ts")).inviteToMachine(flags, io),
  );
  add(
    machines.command("list").description("list these machines, and when each connected last"),
    async (flags) => (await import("./machines-command.ts")).listMachines(flags, io),
  );
  const revoke = machines
    .command("revoke")
    .argument(
      "<machine>",
      "its name or id, or that of its group; a Pod's or a node's name with --force-takeover",
    )
    .option(
      "--force-takeover",
      "let the session of a Pod, or of all Pods of a node, have its files again, although its agent may still run: the node is gone for good",
    )
    .description("end the agents there; the next ones of the group run on this host again");
  add<RevokeFlags>(addDatabaseOption(revoke), async (flags, word) =>
    flags.forceTakeover === true
      ? (await import("./take-over-pods.ts")).takeOverPods(word, flags, io)
      : (await import("./machines-command.ts")).revokeMachine(word, flags, io),
  );
  const run = program
    .command("machine")
    .description("make this machine one that runs agents for a host elsewhere")
    .command("run")
    .argument(
      "[code]",
      "the code that gatehouse machines invite printed; - reads it from stdin; without one, the folder's host is dialled again",
    )
    .description("run the agents of a group on this machine for a host elsewhere, in the foreground")
    .addOption(
      new Option("--runtime <name>", "process gives agents all rights of their account")
        .choices(["sandbox", "process"])
        .default("sandbox"),
    )
    .option("--yes", "begin without asking")
    .action(async () => {
      const { runMachine } = await import("./run-machine.ts");
      done(await runMachine(run.args[0], run.optsWithGlobals<RunMachineFlags>(), io));
    });
};
