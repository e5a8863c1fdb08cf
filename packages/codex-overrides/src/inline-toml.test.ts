import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inlineToml } from "./inline-toml.ts";
import { parseToml } from "./parse-text.ts";
import { TomlDate } from "./toml-value.ts";

const again = (text: string) => {
  const parsed = parseToml(`x = ${text}`);
  return parsed.ok ? parsed.value["x"] : undefined;
};

describe("inlineToml keeps", () => {
  test.each([
    { what: "a text", toml: '"a"' },
    { what: "quotes, backslashes and control characters", toml: '"\\"\\\\\\n\\u0000\\u007f"' },
    { what: "an integer", toml: "1" },
    { what: "an integer beyond 53 bits", toml: "9223372036854775807" },
    { what: "a float", toml: "1.5" },
    { what: "a whole float", toml: "1.0" },
    { what: "a large float", toml: "1e+30" },
    { what: "infinity", toml: "-inf" },
    { what: "not-a-number", toml: "nan" },
    { what: "a boolean", toml: "true" },
    { what: "a date and time", toml: "1979-05-27T07:32:00.000Z" },
    { what: "a date and time of another zone", toml: "1979-05-27T07:32:00.123456+02:00" },
    { what: "a local date and time", toml: "1979-05-27T07:32:00" },
    { what: "a date", toml: "1979-05-27" },
    { what: "a time", toml: "07:32:00" },
    { what: "a list", toml: '[1,["a"],{b=false}]' },
    { what: "a table", toml: '{a-1={"b c"=1},__proto__=2,""=3,"é"=4}' },
    { what: "an empty table", toml: "{}" },
  ])("$what", ({ toml }) => expect(inlineToml(again(toml)!)).toBe(toml));
});

test("any text is read back as the same text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(again(inlineToml(text))).toBe(text);
    }),
  );
});

test("a date stays a date", () => expect(again(inlineToml(again("07:32:00")!))).toBeInstanceOf(TomlDate));
