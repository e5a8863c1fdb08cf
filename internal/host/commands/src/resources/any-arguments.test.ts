import fc from "fast-check";
import { dispatch, type Command, type Flag, type ResponseFrame } from "@nc/cli-scope";
import { expect, test } from "vitest";
import { hostBed, operator } from "@gatehouse/dispatch/testing";
import type { CommandContext, ReadContext } from "@gatehouse/command-context";
import { commands } from "./index.ts";

const known = [
  "ag-team",
  "se-team",
  "mg-team",
  "mg-free",
  "wi-team",
  "telegram:owner",
  "team",
  "there",
  "/opt",
];

const texts = fc.oneof(
  fc.constantFrom(...known, "", ".", "..", "--", "null", "'; drop table users; --", "%", "x".repeat(5_000)),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const anything = fc.oneof(
  texts,
  fc.jsonValue(),
  fc.constantFrom("1", "-1", "0.5", "1e9", "9007199254740993", 2 ** 53, -0, "true", "[]", "{}", '{"A":"b"}'),
);

const valueFor = ({ values }: Flag): fc.Arbitrary<unknown> =>
  values === undefined ? anything : fc.oneof(fc.constantFrom(...values), anything);

const frameFor = ({ words, flags }: Command<CommandContext, ReadContext>): fc.Arbitrary<unknown> =>
  fc
    .record(Object.fromEntries(flags.map((flag) => [flag.name, valueFor(flag)])), {
      requiredKeys: flags.filter(({ required }) => required).map(({ name }) => name),
    })
    .map((args) => ({ id: "1", command: words.replaceAll(" ", "-"), args }));

const outcomeOf = (answer: ResponseFrame): string => {
  if (answer.ok) return "ok";
  const { code, message } = answer.error;
  return / is at generation \d+, not \d+\. /u.test(message) ? "generation-conflict" : code;
};

// On PostgreSQL each of thousands of commands waits for the server's process.
const slow = { tags: ["slow"] };

// An exception would be a bug: the fixture fails a test in which the host reports one.
test("a command with random arguments saves valid rows, or is refused with a known code", slow, async () => {
  const { host, bugs } = await hostBed();
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...commands).chain(frameFor), async (frame) => {
      const answer = await dispatch(frame, operator, host);
      expect(bugs).toEqual([]);
      outcomes.add(outcomeOf(answer));
    }),
    // Few of the random commands are taken.
    { numRuns: 200 },
  );
  // Few of the random commands name a group and another generation of it than the present one.
  outcomes.delete("generation-conflict");
  expect([...outcomes].toSorted()).toEqual(["invalid-args", "not-found", "ok"]);
});
