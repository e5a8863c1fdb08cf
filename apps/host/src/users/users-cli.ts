import type { Command } from "commander";
import type { Done, Io } from "@gatehouse/cli-kit";
import { addDatabaseOption, chooseDatabase } from "../database/choose-database.ts";
import { addAddOptions, addFlagsOf, addPlaceOptions } from "./add-flags.ts";

const addHelp = `
Whatever is not given is asked for at a terminal. Elsewhere --telegram-id, --name, --os-user and --yes are needed.
The OS account has to be there, and its user to have run claude once.`;

/** Examples for the help of these commands, by the words of the command. */
export const usersExamples: Readonly<Record<string, readonly string[]>> = {
  "users add": [
    "sudo make add-user ARGS='--data /srv/gatehouse'                     asks for everything, shows what it will do",
    "sudo gatehouse users add --data /srv/gatehouse --dry-run            the same, and changes nothing",
    "sudo gatehouse users add --data /srv/gatehouse --telegram-id 123456 --name Ana --os-user ana --yes --reload yes",
    "sudo gatehouse users add --data /srv/gatehouse --service-label com.example.gatehouse      names the service to restart",
  ],
  "users doctor": [
    "sudo gatehouse users doctor --data /srv/gatehouse",
    "sudo gatehouse users doctor --data /srv/gatehouse --json",
  ],
};

/** Adds the commands of `gatehouse users`. Each loads its code when it runs. */
export const addUsersCommands = (users: Command, io: Io, done: Done): void => {
  const add = users
    .command("add")
    .description("add a person to users.yaml, with their folders, whole or not at all")
    .addHelpText("after", addHelp);
  const isRefused = (command: Command): boolean => chooseDatabase(command.optsWithGlobals(), io) === null;
  addDatabaseOption(addAddOptions(add)).action(async () => {
    if (isRefused(add)) return done(2);
    const { addCommand } = await import("./add-command.ts");
    done(await addCommand(addFlagsOf(add), io));
  });
  const doctor = users
    .command("doctor")
    .description("look at everybody in users.yaml, and say what mends what is wrong");
  addDatabaseOption(addPlaceOptions(doctor)).action(async () => {
    if (isRefused(doctor)) return done(2);
    const { usersDoctor } = await import("./users-doctor.ts");
    done(await usersDoctor(doctor.optsWithGlobals(), io));
  });
};
