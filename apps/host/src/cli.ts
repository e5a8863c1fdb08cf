import type { Command } from "commander";
import {
  absolute,
  anotherPath,
  folderNotCommand,
  namedPath,
  positiveInteger,
  runProgram,
  wholeNumber,
  type Done,
  type Io,
  type CliDefinition,
  type OnOwnHost,
} from "@gatehouse/cli-kit";
import type { LogsFlags } from "@gatehouse/logs/command";
import { addDoctorOptions, addRequestOptions, flagsOf } from "@gatehouse/trust-cli/options";
import { addAgentCommands, heldLogs } from "@gatehouse/agents";
import { addPrices, addSecrets, addUsage } from "@gatehouse/gateway-commands";
import { addChannels } from "@gatehouse/messengers/add-channels";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { addBackup, addRestore } from "./backup/add-backup.ts";
import { addDatabase } from "./database/add-database.ts";
import { addAgents } from "./agents/add-agents.ts";
import { addDemo } from "./demo/add-demo.ts";
import { examples, exitCodes } from "./help/examples.ts";
import { overview } from "./help/overview.ts";
import { topics } from "./help/topics.ts";
import { addInit } from "./init/add-init.ts";
import { addImage } from "./image/add-image.ts";
import { addMachine } from "./machine/add-machine.ts";
import { addMounts } from "./mounts/add-mounts.ts";
import { addProviders } from "./providers/add-providers.ts";
import { adapterBeside } from "./programs-beside.ts";
import { hostForPs } from "./status/host-for-ps.ts";
import { addService } from "./service/add-service.ts";
import type { ChatFlags } from "./chat/chat-command.ts";
import type { ConsoleFlags } from "./console/console-command.ts";
import type { HistoryFlags } from "./chat/history-command.ts";
import type { DownFlags } from "./down/down-command.ts";
import type { StatusFlags } from "./status/status-command.ts";
import { addStart } from "./start/add-start.ts";
import { addUpgrade } from "./upgrade/add-upgrade.ts";
import { addUninstall } from "./uninstall/add-uninstall.ts";
import { addRuntimeOptions, addUp, addUpstreamOption } from "./up/add-up.ts";

// This file imports only code that parsing the flags needs. Each command loads the rest when it runs.
type UsersCli = typeof import("@gatehouse/people/commands");

const ownHost: OnOwnHost = async (flags, io, act) =>
  (await import("./foreign-host.ts")).onOwnHost(flags, io, act);

/** Returns a function that writes the end of a command's help: the command's own examples, and the exit codes. */
const helpOf =
  (users: UsersCli | null) =>
  (words: string): string => {
    const own =
      users?.usersExamples[words] ??
      examples.filter((line) => `${line.replace("sudo ", "")} `.startsWith(`gatehouse ${words} `));
    return ["", "Examples:", ...own.map((line) => `  ${line}`), exitCodes].join("\n");
  };

const addRun = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("run")
    .argument("<dir>", "", folderNotCommand(program, io.cwd))
    .description("trust the folder and start the agent; without a terminal, end it once it is ready");
  addRequestOptions(command, ["claude"])
    .option("--install-cli", "fetch the agent's CLI from npm into the data folder, if none is installed")
    .option("--yes", "answer gatehouse's own questions with yes; never a question of the CLI")
    .action(async (folder: string) => {
      const { runCommand } = await import("./run/run-command.ts");
      done(await runCommand(folder, flagsOf(command), io));
    });
};

const addDoctor = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("doctor")
    .description("check what a run needs, and say how to fix what is missing");
  addRuntimeOptions(addUpstreamOption(addDatabaseOption(addDoctorOptions(command)))).action(async () => {
    const { doctorCommand } = await import("./doctor/doctor-command.ts");
    done(await doctorCommand(flagsOf(command), program.version() ?? "", io));
  });
};

const addImport = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("import")
    .argument("<dir>", "a folder with data/v2.db and groups/ in it", namedPath)
    .description("import a nanoclaw folder, all of it or nothing; stop the host first")
    .option("--dry-run", "show what would be imported, and write nothing")
    .option("--yes", "import also owners, admins, programs and tasks; the report of --dry-run names them");
  addDatabaseOption(command).action(async (folder: string) => {
    const { importCommand } = await import("./import/import-command.ts");
    done(await importCommand(folder, command.optsWithGlobals(), io));
  });
};

const addDown = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("down")
    .description("stop the host of the data folder; its agents finish or are ended, and no message is lost")
    .action(async () => {
      const { downCommand } = await import("./down/down-command.ts");
      const { onOwnHost } = await import("./foreign-host.ts");
      const flags = command.optsWithGlobals<DownFlags>();
      done(await onOwnHost(flags, io, () => downCommand(flags, io)));
    });
};

const addStatus = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("status")
    .description("show what the host does and what waits; changes nothing, and needs no running host");
  addDatabaseOption(command).action(async () => {
    const { statusCommand } = await import("./status/status-command.ts");
    const { onOwnHost } = await import("./foreign-host.ts");
    const flags = command.optsWithGlobals<StatusFlags>();
    done(await onOwnHost(flags, io, () => statusCommand(flags, program.version() ?? "", io)));
  });
};

const addLogs = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("logs")
    .argument("[member]", "a held agent; without it, the host")
    .description(
      "show what the host or an agent did, one line for each event; --json prints the log's own JSON Lines",
    )
    .option("-n, --lines <number>", "how many of the last lines to show", positiveInteger, 50)
    .option("-f, --follow", "keep printing new lines, until Ctrl-C or the end of the agent")
    .option(
      "--session <id>",
      "show what the agent of this session (the beginning of its id) has printed on this host; of a container, once it has ended",
    )
    .action(async (member: string | undefined) => {
      const flags = command.optsWithGlobals<LogsFlags>();
      if (member !== undefined && flags.session !== undefined)
        command.error("error: name an agent or a session, not both");
      if (flags.session !== undefined && flags.follow === true)
        command.error("error: -f follows the host or a held agent, not with --session");
      if (member !== undefined) return done(await ownHost(flags, io, () => heldLogs(member, flags, io)));
      const { logsCommand } = await import("@gatehouse/logs/command");
      const { findSessionLogs } = await import("@gatehouse/workloads");
      const { onOwnHost } = await import("./foreign-host.ts");
      done(await onOwnHost(flags, io, () => logsCommand(flags, io, findSessionLogs)));
    });
};

const addChat = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("chat")
    .description("write to a group's agent; in a pipe, each line of stdin is a message")
    .option("--group <group>", "the group's id, name or folder (default: the group of your direct chat)")
    .option("--as <user>", "write as this user: an id or a name (default: the owner, if there is only one)")
    .option("--attach <file>", "a file to send with the first line; may be repeated", anotherPath)
    .option("--save <dir>", "save the agent's files here (default: only print their paths)", absolute)
    .option(
      "--history <number>",
      "how many past messages to show first (default: 10 at a terminal, else 0)",
      wholeNumber,
    )
    .option("--plain", "at a terminal: whole lines alone, no escape sequences (default if TERM is dumb)")
    .action(async () => {
      const { chatCommand } = await import("./chat/chat-command.ts");
      const { onOwnHost } = await import("./foreign-host.ts");
      const flags = command.optsWithGlobals<ChatFlags>();
      done(await onOwnHost(flags, io, () => chatCommand(flags, io)));
    });
};

const addHistory = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("history")
    .description("show what was said in your chat with a group; --json prints an object for each message")
    .option("--group <group>", "the group's id, name or folder (default: your direct chat)")
    .option(
      "--as <user>",
      "the chat of this user: an id or a name (default: the owner, if there is only one)",
    )
    .option("-n, --last <number>", "how many of the last messages to show", positiveInteger, 50)
    .action(async () => {
      const { historyCommand } = await import("./chat/history-command.ts");
      const { onOwnHost } = await import("./foreign-host.ts");
      const flags = command.optsWithGlobals<HistoryFlags>();
      done(await onOwnHost(flags, io, () => historyCommand(flags, io)));
    });
};

const addConsole = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("console")
    .description(
      "print a link that signs one browser in to the pages of gatehouse up --console, within a minute",
    )
    .option("--as <user>", "sign in as this person, <channel>:<handle> (default: the operator)")
    .action(async () => {
      const { consoleCommand } = await import("./console/console-command.ts");
      const flags = command.optsWithGlobals<ConsoleFlags>();
      done(await ownHost(flags, io, () => consoleCommand(flags, io)));
    });
};

const addUsers = (program: Command, users: UsersCli | null, io: Io, done: Done): void => {
  const command = program.command("users").description("the people who may use a host: add, remove, check");
  users?.addUsersCommands(command, io, done);
};

const program = (users: UsersCli | null): CliDefinition => ({
  name: "gatehouse",
  description: "Starts coding agents in their folders, trusted, with nobody at the keyboard.",
  help: helpOf(users),
  overview,
  topics,
  add: (command, io, done) => {
    const ofHost = [addStart, addUp, addDown, addChat, addHistory, addConsole, addDemo, addStatus, addLogs];
    const adders = [addRun, addDoctor, ...ofHost, addInit, addAgents, addImport, addDatabase];
    for (const add of adders) add(command, io, done);
    for (const add of [addBackup, addRestore, addService, addUpgrade, addUninstall])
      add(command, io, done, ownHost);
    addImage(command, io, done);
    for (const add of [addSecrets, addPrices, addUsage, addMounts, addProviders, addChannels, addMachine])
      add(command, io, done, ownHost);
    addAgentCommands(command, io, done, {
      onOwnHost: ownHost,
      ofHost: hostForPs,
      accountOf: async (env) => (await import("@gatehouse/data-folder/noted-acts")).accountOf(env),
      findAdapter: adapterBeside,
    });
    addUsers(command, users, io, done);
  },
});

/** Reads the arguments, runs the command, and returns the exit code. */
export const runCli = async (argv: readonly string[], version: string, io: Io): Promise<number> => {
  // The flags of `users` come from the table of a user's fields, and loading it doubles the time of a start.
  const users = argv.includes("users") ? await import("@gatehouse/people/commands") : null;
  return runProgram(program(users), argv, version, io);
};
