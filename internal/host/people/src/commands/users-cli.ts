import type { Command } from "commander";
import type { Done, Io } from "@gatehouse/cli-kit";
import { notUsedYet } from "@nc/user-wizard";
import { addDatabaseOption, chooseDatabase } from "@gatehouse/data-folder/choose-database";
import { addAddOptions, addFlagsOf, addPlaceOptions, addRemoveOptions, type RemoveFlags } from "./flags.ts";

const addHelp = `
At a terminal you are asked for what you leave out. Elsewhere --telegram-id, --name, --os-user and --yes are required.
The OS account must exist, and its user must have run claude once. The host's account gets a sudo rule that lets
it start agents as that account, and everything is tried out from the host's account before users.yaml is changed.
${notUsedYet}: kept in users.yaml, and no part of the host acts on it so far.`;

const removeHelp = `
Nothing is deleted: the account and its home stay, and memory and history too (or are moved into an archive).
Roles that ncl granted stay, and are named. The only owner of a host is refused.`;

/** Examples for the help of these commands, by the words of the command. */
export const usersExamples: Readonly<Record<string, readonly string[]>> = {
  "users add": [
    "sudo make add-user ARGS='--data /srv/gatehouse'                     asks for everything, shows what it will do",
    "sudo gatehouse users add --data /srv/gatehouse --dry-run            the same, and changes nothing",
    "sudo gatehouse users add --data /srv/gatehouse --telegram-id 123456 --name Ana --os-user ana --group home --yes --reload yes",
    "sudo gatehouse users add --data /srv/gatehouse --service-label com.example.gatehouse      names the service to restart",
  ],
  "users remove": [
    "sudo gatehouse users remove Ana --data /srv/gatehouse                       shows what it will do, asks, then does it",
    "sudo gatehouse users remove telegram:123456 --data /srv/gatehouse --dry-run",
    "sudo gatehouse users remove Ana --data /srv/gatehouse --folders archive --yes --json",
  ],
  "users doctor": [
    "sudo gatehouse users doctor --data /srv/gatehouse",
    "sudo gatehouse users doctor --data /srv/gatehouse --json",
  ],
};

/** Adds the commands of `gatehouse users`. Each loads its own code only when it runs. */
export const addUsersCommands = (users: Command, io: Io, done: Done): void => {
  const add = users
    .command("add")
    .description("add a person to users.yaml, with their folders: all of it or nothing")
    .addHelpText("after", addHelp);
  const isRefused = (command: Command): boolean => chooseDatabase(command.optsWithGlobals(), io) === null;
  addDatabaseOption(addAddOptions(add)).action(async () => {
    const chosen = chooseDatabase(add.optsWithGlobals(), io);
    if (chosen === null) return done(2);
    const { addCommand } = await import("./add-command.ts");
    done(await addCommand(addFlagsOf(add), chosen, io));
  });
  const remove = addRemoveOptions(users.command("remove"))
    .description("remove a person from users.yaml: all of it or nothing; their folders and account stay")
    .addHelpText("after", removeHelp);
  addDatabaseOption(remove).action(async (who: string) => {
    const chosen = chooseDatabase(remove.optsWithGlobals(), io);
    if (chosen === null) return done(2);
    const { removeCommand } = await import("./remove-command.ts");
    done(await removeCommand(who, remove.optsWithGlobals<RemoveFlags>(), chosen, io));
  });
  const doctor = users
    .command("doctor")
    .description("check all people of users.yaml, and say how to fix what is wrong");
  addDatabaseOption(addPlaceOptions(doctor)).action(async () => {
    if (isRefused(doctor)) return done(2);
    const { usersDoctor } = await import("./users-doctor.ts");
    done(await usersDoctor(doctor.optsWithGlobals(), io));
  });
};
