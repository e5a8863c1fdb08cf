import type { Command } from "commander";
import type { Done, Io } from "@gatehouse/cli-kit";
import type { PsFlags } from "./ps-command.ts";
import type { StopFlags } from "./stop-command.ts";

/** Examples for the help of a program that has these commands. */
export const heldExamples: readonly string[] = [
  "gatehouse ps                                      the agents that are held, and what each is at",
  "gatehouse ps --waiting --json                     those that wait for a person, with their questions",
  "gatehouse stop shop/bo                            ends one; --all ends all of this data folder",
];

/** Adds the commands for held agents to a program. Each loads what it needs when it runs. */
export const addHeldCommands = (program: Command, io: Io, done: Done): void => {
  for (const add of [addPs, addStop]) add(program, io, done);
};

const addPs = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("ps")
    .description("the agents that are held: what each is at, and since when; needs no host")
    .option("--waiting", "only those that wait for a person")
    .option("--watch", "again each second, until Ctrl-C; with --json one document a line")
    .action(async () => {
      const { psCommand } = await import("./ps-command.ts");
      done(await psCommand(command.optsWithGlobals<PsFlags>(), io));
    });
};

const addStop = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("stop")
    .argument("[member]", "team/member, or member where that is unique")
    .description("end an agent and all that it started")
    .option("--all", "every agent of this data folder")
    .action(async (member: string | undefined) => {
      const flags = command.optsWithGlobals<StopFlags>();
      if ((member === undefined) !== (flags.all === true))
        command.error("error: Name one member, or pass --all.");
      const { stopCommand } = await import("./stop-command.ts");
      done(await stopCommand(member, flags, io));
    });
};
