import fc from "fast-check";
import { dispatch, type Command, type Flag } from "@nc/cli-scope";
import { expect, test } from "vitest";
import { hostBed, operator } from "../dispatch/host.fixture.ts";
import type { CommandContext, ReadContext } from "../world/command-context.ts";
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

// On a server each of thousands of commands waits for another process.
const slow = { tags: ["slow"], timeout: 300_000 };

// An exception would be a bug: the bed fails a test in which the host had one to report.
test("whatever the arguments of a command are, they are saved or refused", slow, async () => {
  const { host, bugs } = await hostBed();
  const codes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...commands).chain(frameFor), async (frame) => {
      const answer = await dispatch(frame, operator, host);
      expect(bugs).toEqual([]);
      const code = answer.ok ? "ok" : answer.error.code;
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }),
  );
  expect([...codes.keys()].toSorted()).toEqual(["invalid-args", "not-found", "ok"]);
});
