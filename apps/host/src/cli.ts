import { InvalidArgumentError, Option, type Command } from "commander";
import {
  absolute,
  anotherPath,
  folderNotCommand,
  namedPath,
  positiveInteger,
  runProgram,
  type Done,
  type Io,
  type CliDefinition,
} from "@gatehouse/cli-kit";
import { userIdProblem } from "@gatehouse/control-plane/user-id";
import { folderProblem, nameProblem } from "@gatehouse/group-workspace/names";
import type { LogsFlags } from "@gatehouse/logs/command";
import { addDoctorOptions, addRequestOptions, flagsOf } from "@gatehouse/trust-cli/options";
import { addHeldCommands, heldLogs, type OnOwnHost } from "@gatehouse/held-agents/commands";
import { addLaunchCommands, launchesAtWork } from "@gatehouse/launch-commands";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { examples, exitCodes } from "./examples.ts";
import { runnableProviders } from "./init/init-answers.ts";
import { listApprovals } from "./status/list-approvals.ts";
import type { ChatFlags } from "./chat/chat-command.ts";
import type { DownFlags } from "./down/down-command.ts";
import type { StatusFlags } from "./status/status-command.ts";
import type { UpFlags } from "./up/up-command.ts";

// Only imports that every flag needs. Each command loads the rest when it runs.
type UsersCli = typeof import("@gatehouse/user-commands");

const ownHost: OnOwnHost = async (flags, io, act) =>
  (await import("./foreign-host.ts")).onOwnHost(flags, io, act);

/** Shows a command's own examples in its help, and no others. */
const helpOf =
  (users: UsersCli | null) =>
  (words: string): string => {
    const own =
      users?.usersExamples[words] ??
      examples.filter((line) => line.replace("sudo ", "").startsWith(`gatehouse ${words}`));
    return ["", "Examples:", ...own.map((line) => `  ${line}`), exitCodes].join("\n");
  };

const addRun = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("run")
    .argument("<dir>", "", folderNotCommand(program, io.cwd))
    .description("prepare the folder, then start the agent in it: at the terminal, or until it is ready");
  addRequestOptions(command, ["claude"])
    .option("--install-cli", "fetch the agent's CLI from npm into the data folder, if there is none")
    .option("--yes", "answer our own questions with yes; never a question of the CLI")
    .action(async (folder: string) => {
      const { runCommand } = await import("./run/run-command.ts");
      done(await runCommand(folder, flagsOf(command), io));
    });
};

const addDoctor = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("doctor")
    .description("look at what a run needs, and say what to do about it");
  addDatabaseOption(addDoctorOptions(command)).action(async () => {
    const { doctorCommand } = await import("./doctor/doctor-command.ts");
    done(await doctorCommand(flagsOf(command), io));
  });
};

/** Refuses a value that has a problem. */
const fit =
  (problem: (text: string) => string | null) =>
  (text: string): string => {
    const found = problem(text);
    if (found !== null) throw new InvalidArgumentError(found);
    return text;
  };

const addInit = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("init")
    .description("make the owner's group, whose agent may use all of ncl; once, while no host runs")
    .option("--name <name>", "what the group is called (asked for at a terminal)", fit(nameProblem))
    .option(
      "--folder <folder>",
      "its folder under groups/, one name (asked for at a terminal)",
      fit(folderProblem),
    )
    .option("--owner <channel:handle>", "the person who owns it, as in local:ana", fit(userIdProblem))
    .addOption(
      new Option("--provider <name>", "what answers in it").choices(
        runnableProviders.map(({ name }) => name),
      ),
    );
  addDatabaseOption(command).action(async () => {
    const { initCommand } = await import("./init/init-command.ts");
    done(await initCommand(command.optsWithGlobals(), io));
  });
};

const addImport = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("import")
    .argument("<dir>", "a folder with data/v2.db and groups/ in it", namedPath)
    .description("bring in a nanoclaw folder, whole or not at all; it is only read, and no host may run here")
    .option("--dry-run", "tell what would be brought in, and write nothing");
  addDatabaseOption(command).action(async (folder: string) => {
    const { importCommand } = await import("./import/import-command.ts");
    done(await importCommand(folder, command.optsWithGlobals(), io));
  });
};

const addUp = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("up")
    .description('serve the data folder\'s agent groups, in the foreground; says "ready" when ncl can ask it')
    .option("--users-file <file>", "who may use it (default: users.yaml in the data folder)", namedPath)
    .option("--yes", "make the data folder if there is none, without asking")
    .option(
      "--sessions <dir>",
      "the sessions' files, one folder for all hosts of a PostgreSQL (default: sessions in the data folder)",
      absolute,
    );
  addDatabaseOption(command).action(async () => {
    const { upCommand } = await import("./up/up-command.ts");
    done(await upCommand(command.optsWithGlobals<UpFlags>(), io));
  });
};

const addDown = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("down")
    .description("end the host that serves the data folder: its agents finish or are ended, nothing is lost")
    .action(async () => {
      const { downCommand } = await import("./down/down-command.ts");
      const { onOwnHost } = await import("./foreign-host.ts");
      const flags = command.optsWithGlobals<DownFlags>();
      done(await onOwnHost(flags, io, () => downCommand(flags, io)));
    });
};

const addDemo = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("demo")
    .description("a host at work, in a throw-away folder and without a network; takes some seconds")
    .action(async () => {
      const { demoCommand } = await import("./demo/demo-command.ts");
      done(await demoCommand(command.optsWithGlobals(), io));
    });
};

const addStatus = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("status")
    .description("what a host is doing and what waits; only reads, also while no host runs");
  addDatabaseOption(command).action(async () => {
    const { statusCommand } = await import("./status/status-command.ts");
    const { onOwnHost } = await import("./foreign-host.ts");
    const flags = command.optsWithGlobals<StatusFlags>();
    done(await onOwnHost(flags, io, () => statusCommand(flags, io)));
  });
};

const addLogs = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("logs")
    .argument("[member]", "an agent that is held; without it, the host")
    .description(
      "what the host or an agent did: a line for each event; with --json, as it is written, JSON Lines",
    )
    .option("-n, --lines <number>", "so many of the last lines", positiveInteger, 50)
    .option("-f, --follow", "go on with what comes, until Ctrl-C or the end of the agent")
    .action(async (member: string | undefined) => {
      const flags = command.optsWithGlobals<LogsFlags>();
      if (member !== undefined) return done(await ownHost(flags, io, () => heldLogs(member, flags, io)));
      const { logsCommand } = await import("@gatehouse/logs/command");
      const { onOwnHost } = await import("./foreign-host.ts");
      done(await onOwnHost(flags, io, () => logsCommand(flags, io)));
    });
};

const addChat = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("chat")
    .description("write to a group's agent: at the terminal, or each line of stdin is a message")
    .option("--group <group>", "its id, name or folder (default: your direct chat, and its group)")
    .option("--as <user>", "who speaks: an id or a name (default: the sole owner)")
    .option("--attach <file>", "a file that goes with the first line; may be given again", anotherPath)
    .option("--save <dir>", "where files that the agent sends are saved (default: named, and left)", absolute)
    .action(async () => {
      const { chatCommand } = await import("./chat/chat-command.ts");
      const { onOwnHost } = await import("./foreign-host.ts");
      const flags = command.optsWithGlobals<ChatFlags>();
      done(await onOwnHost(flags, io, () => chatCommand(flags, io)));
    });
};

const addDatabase = (program: Command, io: Io, done: Done): void => {
  const database = program.command("database").description("where the host keeps what it knows");
  const move = database
    .command("move")
    .description("copy a host's file to an empty PostgreSQL database, every row compared; no host may run")
    .option("--from <dir>", "the data folder with gatehouse.db (default: as --data)", absolute)
    .option("--to <address>", "the database, without a password (default: GATEHOUSE_DATABASE)")
    .action(async () => {
      const { moveCommand } = await import("./database/move-command.ts");
      done(await moveCommand(move.optsWithGlobals(), io));
    });
};

const addUsers = (program: Command, users: UsersCli | null, io: Io, done: Done): void => {
  const command = program
    .command("users")
    .description("who may use a host: add a person, remove one, look whether all is well");
  users?.addUsersCommands(command, io, done);
};

const program = (users: UsersCli | null): CliDefinition => ({
  name: "gatehouse",
  description: "Starts coding agents in their folders: trusted, and with nobody at the keyboard.",
  help: helpOf(users),
  add: (command, io, done) => {
    const ofHost = [addUp, addDown, addChat, addDemo, addStatus, addLogs];
    const adders = [addRun, addDoctor, ...ofHost, addInit, addImport, addDatabase];
    for (const add of adders) add(command, io, done);
    addLaunchCommands(command, io, done, ownHost);
    const whyForeign = async (dataDir: string) => (await import("./foreign-host.ts")).foreignHost(dataDir);
    addHeldCommands(command, io, done, { listApprovals, launchesAtWork, whyForeign, onOwnHost: ownHost });
    addUsers(command, users, io, done);
    groupHelp(command);
  },
});

/** The headings of `gatehouse --help`, and the commands below each. */
const helpGroups: Readonly<Record<string, readonly string[]>> = {
  "Agents:": ["run", "doctor", "ps", "send", "screen", "answer", "attach", "stop", "restart"],
  "Teams:": ["launch", "launches"],
  "Host:": ["init", "up", "down", "chat", "status", "logs", "import", "database", "demo"],
  "People:": ["users"],
};

const groupHelp = (program: Command): void => {
  for (const [heading, names] of Object.entries(helpGroups))
    for (const each of program.commands) if (names.includes(each.name())) each.helpGroup(heading);
};

/** Reads the arguments, runs the command, and returns the exit code. */
export const runCli = async (argv: readonly string[], version: string, io: Io): Promise<number> => {
  // The flags come from the table of a user's fields. Loading it takes as long as loading everything else.
  const users = argv.includes("users") ? await import("@gatehouse/user-commands") : null;
  return runProgram(program(users), argv, version, io);
};
