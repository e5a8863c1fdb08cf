import type { Done, Io } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { runnableProviders } from "@gatehouse/provider-facts/agents";
import { parseWantedCli, type WantedCli } from "@gatehouse/first-run/answers";
import { userIdProblem } from "@gatehouse/std";
import { folderProblem, nameProblem } from "@gatehouse/group-workspace/names";
import { InvalidArgumentError, Option, type Command } from "commander";

const providers = Object.keys(runnableProviders);

/** Makes an argument parser that refuses values with a problem. */
const checked =
  (problem: (text: string) => string | null) =>
  (text: string): string => {
    const found = problem(text);
    if (found !== null) throw new InvalidArgumentError(found);
    return text;
  };

const wantedCli = (text: string): WantedCli => {
  const parsed = parseWantedCli(text);
  if (typeof parsed === "string") throw new InvalidArgumentError(parsed);
  return parsed;
};

/** `gatehouse init` itself looks for an own provider: its data folder is not known here. */
const providerProblem = (name: string): string | null =>
  providers.includes(name) || name.startsWith("own:")
    ? null
    : `Allowed choices are ${providers.join(", ")}, or own:NAME of gatehouse providers list.`;

/** Adds the flags of `gatehouse init`, which `gatehouse start` has, too. */
export const addInitOptions = (command: Command): Command =>
  command
    .option("--name <name>", "the group's name (asked for at a terminal)", checked(nameProblem))
    .option(
      "--folder <folder>",
      "the group's folder under groups/, one name (asked for at a terminal)",
      checked(folderProblem),
    )
    .option("--owner <channel:handle>", "the owner, for example local:ana", checked(userIdProblem))
    .addOption(
      new Option(
        "--provider <name>",
        "the agent that answers in the group; own:NAME for one of gatehouse providers add",
      )
        .choices(providers)
        .argParser(checked(providerProblem)),
    )
    .option(
      "--fetch <cli>",
      "fetch its CLI from npm into the data folder: claude, or claude@VERSION",
      wantedCli,
    )
    .option(
      "--key-stdin",
      "take the provider's key from stdin (at a terminal, you are asked for it without echo)",
    );

/** Adds `gatehouse init`. */
export const addInit = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("init")
    .description(
      "make the owner's group, whose agent may use all of ncl, and find its CLI; once, before the host starts",
    );
  addDatabaseOption(addInitOptions(command)).action(async () => {
    const { initCommand } = await import("@gatehouse/first-run");
    const { fetchCli } = await import("./fetch-cli.ts");
    done(await initCommand(command.optsWithGlobals(), program.version() ?? "", io, fetchCli));
  });
};
