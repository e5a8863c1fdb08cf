import { resolve } from "node:path";
import { namedPath, type Done, type Io, type OnOwnHost } from "@gatehouse/cli-kit";
import { Command, CommanderError } from "commander";
import { addUp } from "../up/add-up.ts";
import type { ServiceFlags, UpWords } from "./service-command.ts";

/** Adds `gatehouse service` and its verbs. */
export const addService = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const service = program
    .command("service")
    .description("the host as a service of systemd or launchd: started at boot, and again after a crash");
  const verb = (name: string, description: string): Command =>
    service
      .command(name)
      .description(description)
      .option("--user", "a service of this account (default, except for root)")
      .option("--system", "a service of the machine; needs root (default for root)");
  const install = verb("install", "write the service's file, start it, and enable it at boot")
    .argument("[flags...]", "flags of gatehouse up, after --")
    .option("--print", "write the file to stdout, and do nothing")
    .action(async (words: readonly string[]) => {
      const up = upWords(words, io);
      if (typeof up === "string") return install.error(up);
      const { installCommand } = await import("./service-command.ts");
      const flags = install.optsWithGlobals<ServiceFlags>();
      done(await onOwnHost(flags, io, () => installCommand(flags, up, io)));
    });
  const remove = verb("remove", "end the service, and remove its file, if gatehouse wrote it").action(
    async () => {
      const { removeCommand } = await import("./service-command.ts");
      done(await removeCommand(remove.optsWithGlobals<ServiceFlags>(), io));
    },
  );
  const status = verb("status", "show whether the service is installed, runs, and starts at boot").action(
    async () => {
      const { serviceStatusCommand } = await import("./service-status.ts");
      done(await serviceStatusCommand(status.optsWithGlobals<ServiceFlags>(), io));
    },
  );
  const ready = service
    .command("ready")
    .description("wait until the host of the data folder answers; the service's file runs it")
    .action(async () => {
      const { readyCommand } = await import("./service-status.ts");
      done(await readyCommand(ready.optsWithGlobals<ServiceFlags>(), io));
    });
};

/** Flags of `up` that do not fit a service, and why. */
const notForServices: Readonly<Record<string, string>> = {
  "--in-place-of": "is said once: run gatehouse up --in-place-of, end it, and install the service without it",
  "--log-key-lost":
    "is said once: run gatehouse up --log-key-lost, end it, and install the service without it",
};

/**
 * Checks flags of `gatehouse up` by its own options, and makes their paths absolute: a service starts in another folder. Returns an
 * error message if `up` would refuse them.
 */
const upWords = (words: readonly string[], io: Io): UpWords | string => {
  const [unfit] = words.filter((word) => Object.hasOwn(notForServices, word));
  if (unfit !== undefined) return `error: ${unfit} ${notForServices[unfit]}`;
  const silent = { writeOut: () => undefined, writeErr: () => undefined };
  const program = new Command().exitOverride().configureOutput(silent);
  addUp(program, io, () => undefined);
  const up = program.commands[0]?.action(() => undefined);
  try {
    program.parse(["up", ...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return `error: gatehouse up refuses ${words.join(" ")}: ${error.message.replace(/^error: /, "")}`;
  }
  const paths = (up?.options ?? []).filter(({ parseArg }) => parseArg === namedPath).map(({ long }) => long);
  const flags = words.map((word, index) => {
    const [name = "", value] = word.split(/=(.*)/s, 2);
    if (paths.includes(words[index - 1])) return resolve(io.cwd, word);
    return value !== undefined && paths.includes(name) ? `${name}=${resolve(io.cwd, value)}` : word;
  });
  const { runtime = null } = up?.opts<{ runtime?: string }>() ?? {};
  return { flags, runtime };
};
