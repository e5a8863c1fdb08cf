import type { Done, Io } from "@gatehouse/cli-kit";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { TryFlags } from "./try-command.ts";

/** Adds `gatehouse agents try`. */
export const addAgents = (program: Command, io: Io, done: Done): void => {
  const command = program
    .command("agents")
    .description("agents that speak the Agent Client Protocol: try one")
    .command("try")
    .argument("<command...>", "the agent's command, after --")
    .description(
      "try an agent against a stand-in of the model, and print what it does and the row that it needs; takes a minute or two",
    )
    .addOption(
      new Option("--api <vendor>", "the vendor whose API the agent is set to")
        .choices(["anthropic", "openai", "google"])
        .default("anthropic"),
    )
    .option(
      "--env <name=value>",
      "a variable of the agent; {url}, {key} and {model} stand for the stand-in's (default: the vendor's usual three); may be repeated",
      variable,
    )
    .addOption(
      new Option(
        "--runtime <name>",
        "where the agent runs: without a network and with its package alone, or with all rights of this account",
      )
        .choices(["sandbox", "process"])
        .default("sandbox"),
    );
  command.action(async (words: [string, ...string[]]) => {
    const { tryCommand } = await import("./try-command.ts");
    done(await tryCommand(words, command.optsWithGlobals<TryFlags>(), io));
  });
};

const variable = (
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError("Write NAME=VALUE, such as BASE_URL={url}.");
  return { ...before, [name]: value };
};
