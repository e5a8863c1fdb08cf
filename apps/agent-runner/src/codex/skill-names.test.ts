import { expect, test } from "vitest";
import { skillNamesIn, withoutMentions } from "./skill-names.ts";

test.each([
  { text: "$dance please", written: "&#36;dance please" },
  { text: "a$dance, $dance", written: "a&#36;dance, &#36;dance" },
  { text: "[$any](/srv/skills/dance/SKILL.md)", written: "[&#36;any](/srv/skills/dance/SKILL.md)" },
  { text: "[$dance](x)", written: "[&#36;dance](x)" },
  { text: "it costs $5 and $HOME is /root", written: "it costs $5 and $HOME is /root" },
  { text: "/dance @dance", written: "/dance @dance" },
])("a mention of a skill in $text is escaped: $written", ({ text, written }) =>
  expect(withoutMentions(text, ["dance"])).toBe(written),
);

test("the name of a skill is no pattern", () =>
  expect(withoutMentions("$a$& $ab", ["a$&"])).toBe("&#36;a$& $ab"));

test("the names of skills are read from all folders", () => {
  const data = [{ cwd: "/a", skills: [{ name: "dance" }, { name: 1 }] }, { cwd: "/b" }];
  expect(skillNamesIn({ data })).toEqual(["dance"]);
  expect(skillNamesIn(undefined)).toEqual([]);
});
