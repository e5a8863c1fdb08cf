import { expect, test } from "vitest";
import { addRow } from "../database/sample-rows.fixture.ts";
import { hostBed, operator, type Bed } from "../dispatch/host.fixture.ts";
import { commands } from "./index.ts";

test("every command has an example in its help, and each one is of that command", () => {
  const without = commands.filter(({ examples = [] }) => examples.length === 0).map(({ words }) => words);
  expect(without).toEqual([]);
  for (const { words, examples = [] } of commands)
    for (const example of examples) expect(example).toMatch(new RegExp(`^${words}( |$)`));
});

/** What stands in the examples: they are about the first of everything. */
const prepared = async (): Promise<Bed> => {
  const bed = await hostBed();
  const { db } = bed.central;
  await addRow(db, "messaging_groups", { id: "mg-1", platform_id: "telegram:-3" });
  await addRow(db, "agent_groups", { id: "ag-1", name: "Ana", folder: "ana" });
  await addRow(db, "sessions", { id: "se-1", agent_group_id: "ag-1", messaging_group_id: "mg-1" });
  await bed.ok(operator, "users", "create", "--id", "discord:42", "--kind", "discord");
  return bed;
};

/** A line as a shell takes it apart. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );

const examples = commands.flatMap((command) => (command.examples ?? []).map((line) => ({ line })));

test.each(examples)("works as it is printed: $line", async ({ line }) => {
  const { ask } = await prepared();
  // A mount needs a folder that is there.
  const answer = await ask(operator, ...wordsOf(line.replace("/srv/notes", "/opt")));
  if (!answer.ok) expect(answer).toMatchObject({ code: "not-found" });
});
