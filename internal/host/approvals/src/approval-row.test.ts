import fc from "fast-check";
import { expect, test } from "vitest";
import { commandLine } from "./approval-row.ts";

test.each([
  { what: "a plain value", value: "ops-team", shown: "ops-team" },
  { what: "a value with a space", value: "the team", shown: '"the team"' },
  { what: "a value like a flag", value: "--cli-scope=global", shown: '"--cli-scope=global"' },
  { what: "a value like a short flag", value: "-rw", shown: '"-rw"' },
  { what: "a value that closes its quotes", value: 'x" --rw "', shown: '"x\\" --rw \\""' },
  { what: "a direction mark", value: "x\u202egnp", shown: '"x\\u202egnp"' },
  { what: "a blank that is no space", value: "a\u00a0b", shown: '"a\\u00a0b"' },
  { what: "a letter that is drawn as nothing", value: "a\u3164b", shown: '"a\\u3164b"' },
  { what: "a mark that is drawn as nothing", value: "a\ufe0fb", shown: '"a\\ufe0fb"' },
  { what: "braille that is drawn as a blank", value: "a\u2800b", shown: '"a\\u2800b"' },
  { what: "an invisible tag", value: "a\u{e0041}", shown: '"a\\udb40\\udc41"' },
  { what: "letters of any script", value: "Übung 試", shown: '"Übung 試"' },
])("$what is shown as it is run", ({ value, shown }) => {
  expect(commandLine("groups update", { name: value })).toBe(`ncl groups update --name ${shown}`);
});

test("different values look different, and no value adds a word to the command", () => {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      const [first, second] = [one, other].map((name) => commandLine("groups update", { name }));
      expect(first === second).toBe(one === other);
      const value = (first ?? "").slice("ncl groups update --name ".length);
      expect(value.startsWith('"') ? (JSON.parse(value) as unknown) : value).toBe(one);
      if (!value.startsWith('"')) expect(value).toMatch(/^[^\s"-][^\s"]*$/);
    }),
  );
});
