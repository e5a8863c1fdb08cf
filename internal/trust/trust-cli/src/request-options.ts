import { Option, type Command } from "commander";
import { consentList, providers, viaChoices, type Provider } from "@trust/preflight";
import { absolute, milliseconds, positiveInteger } from "@gatehouse/cli-kit";
import { anotherOf, anotherCli, anotherConsent, type CliPaths } from "./option-parsers.ts";
import { shortFlags } from "./short-flags.ts";

/**
 * Adds the options of a preflight. All programs that start a preflight share them, each with its own
 * providers.
 */
export const addRequestOptions = (command: Command, known: readonly Provider[] = providers): Command =>
  addProviderOptions(command, known)
    .option(
      "--jobs <n>",
      "how many CLIs run at once (default: the number of folders, at most 8)",
      positiveInteger,
    )
    .option(
      "--timeout <s>",
      "seconds for each folder, without the wait for its turn (default: 15 for claude, else 60)",
      milliseconds,
    )
    .addOption(
      new Option("--consent <kind=answer>", `how to answer another dialog, may be repeated: ${consentList}`)
        .argParser(anotherConsent)
        .default({}, "trust=accept and update=skip"),
    )
    .addOption(
      new Option(
        "--via <way>",
        "how to ask Claude Code: auto (its control protocol if it has one, else its dialog), control, dialog",
      ).choices(viaChoices),
    )
    .option("--refuse-grants", "refuse folders whose own settings allow the agent something in advance")
    .option(
      "--record <dir>",
      "write a recording (asciicast) of each folder's run to this folder, with secrets masked",
      absolute,
    );

/** Adds the options that choose providers and the paths of their CLIs. */
export const addProviderOptions = (command: Command, known: readonly Provider[] = providers): Command =>
  addCliOptions(
    command.addOption(
      new Option("--provider <name>", `the agent, may be repeated: ${known.join(", ")}`)
        .argParser(anotherOf(known))
        .default([], "claude"),
    ),
  );

/** Adds the options of `doctor`. */
export const addDoctorOptions = (command: Command): Command =>
  addCliOptions(command).option("--all", "also show CLIs that are neither installed nor needed");

const addCliOptions = (command: Command): Command => {
  command.option(
    "--cli <provider=path>",
    "the CLI to use (default: the data folder's own, else the first on PATH)",
    anotherCli,
  );
  for (const provider of shortFlags)
    command.option(`--${provider} <path>`, `short for --cli ${provider}=<path>`, absolute);
  return command;
};

/** All options of a parsed command and of its parent program, with the short forms of `--cli` resolved. */
export const flagsOf = <Flags>(command: Command): Flags & { readonly cli: CliPaths } => {
  const { cli = {}, ...others } = command.optsWithGlobals<Flags & { cli?: CliPaths }>();
  const isShort = ([name]: readonly [string, unknown]): boolean => shortFlags.some((flag) => flag === name);
  const flags = Object.entries(others);
  const short = Object.fromEntries(flags.filter(isShort));
  const rest = Object.fromEntries(flags.filter((flag) => !isShort(flag)));
  return { ...(rest as Flags), cli: { ...cli, ...short } };
};
