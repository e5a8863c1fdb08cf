import { expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, operator, type Bed } from "@gatehouse/dispatch/testing";
import { commands } from "./index.ts";

test("every command has examples in its help, and each example calls that command", () => {
  const without = commands.filter(({ examples = [] }) => examples.length === 0).map(({ words }) => words);
  expect(without).toEqual([]);
  for (const { words, examples = [] } of commands)
    for (const example of examples) expect(example).toMatch(new RegExp(`^${words}( |$)`));
});

/** The rows that the examples name. */
const prepared = async (): Promise<Bed> => {
  const bed = await hostBed();
  const { db } = bed.central;
  await addRow(db, "messaging_groups", { id: "mg-1", platform_id: "telegram:-3" });
  await addRow(db, "agent_groups", { id: "ag-1", name: "Ana", folder: "ana" });
  await addRow(db, "sessions", { id: "se-1", agent_group_id: "ag-1", messaging_group_id: "mg-1" });
  await bed.ok(operator, "users", "create", "--id", "discord:80351110224678912");
  return bed;
};

/** Splits a line into words as a shell does. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );

const examples = commands.flatMap((command) => (command.examples ?? []).map((line) => ({ line })));

test.each(examples)("the example works as printed: $line", async ({ line }) => {
  const { ask } = await prepared();
  // A mount needs a folder that exists.
  const answer = await ask(operator, ...wordsOf(line.replace("/srv/notes", "/opt")));
  if (!answer.ok) expect(answer).toMatchObject({ code: "not-found" });
});
