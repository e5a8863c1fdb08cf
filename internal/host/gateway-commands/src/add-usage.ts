import type { Done, Io, OnOwnHost } from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { UsageFlags } from "./usage-command.ts";
import type { PricesFlags, SetPriceFlags } from "./prices-command.ts";

/** Adds `gatehouse usage`. */
export const addUsage = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const command = program
    .command("usage")
    .description("show how much agents used the models; changes nothing, and needs no running host")
    .addOption(
      new Option("--by <what>", "list a line for each group, person, day or task")
        .choices(["group", "person", "day", "task"])
        .default("group"),
    );
  addDatabaseOption(command).action(async () => {
    const { usageCommand } = await import("./usage-command.ts");
    const flags = command.optsWithGlobals<UsageFlags>();
    done(await onOwnHost(flags, io, () => usageCommand(flags, io)));
  });
};

/** Adds `gatehouse prices set`, `list` and `remove`. */
export const addPrices = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const prices = program
    .command("prices")
    .description("the models' prices, for limits of money and for usage; none are built in");
  const set = prices
    .command("set")
    .argument("<model>", "the exact id that agents send, such as claude-sonnet-4-5-20250929")
    .description("set the price of a model for a million tokens");
  for (const [name, what] of amounts) set.addOption(amountOption(name, what).makeOptionMandatory());
  set.addOption(
    amountOption(
      "cache-write",
      "tokens that are written to the vendor's cache; the price of input if left out",
    ),
  );
  set
    .option("--alias <name>", "another name of the model that agents send; may be repeated", repeated, [])
    .option("--currency <code>", "the currency of all prices, such as USD; needed for the first price");
  const model = (command: Command): string => command.args[0] ?? "";
  const add = <Flags extends PricesFlags>(command: Command, run: (flags: Flags) => Promise<number>): void => {
    command.action(async () => {
      const flags = command.optsWithGlobals<Flags>();
      done(await onOwnHost(flags, io, () => run(flags)));
    });
  };
  add<SetPriceFlags>(set, async (flags) =>
    (await import("./prices-command.ts")).setPriceCommand(model(set), flags, io),
  );
  add(prices.command("list").description("list the prices"), async (flags) =>
    (await import("./prices-command.ts")).listPricesCommand(flags, io),
  );
  const remove = prices
    .command("remove")
    .argument("<model>", "the model's id")
    .description("remove a model's price; groups and people with a limit of money cannot use the model then");
  add(remove, async (flags) =>
    (await import("./prices-command.ts")).removePriceCommand(model(remove), flags, io),
  );
};

const amounts = [
  ["input", "tokens of input outside the cache"],
  ["output", "tokens of the answer"],
  ["cache-read", "tokens that are read from the vendor's cache"],
] as const;

const amountOption = (name: string, what: string): Option =>
  new Option(`--${name} <price>`, `the price of a million ${what}`).argParser(amountIn);

const amountIn = (typed: string): number => {
  if (!/^\d{1,7}(?:\.\d{1,6})?$/.test(typed))
    throw new InvalidArgumentError("A price has digits, at most six of them after a point.");
  return Number(typed);
};

const repeated = (typed: string, before: readonly string[]): readonly string[] => [...before, typed];
