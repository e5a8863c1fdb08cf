import { expect, test } from "vitest";
import { suggestionsIn } from "./suggestions.ts";

/** Suggestions of Claude Code 2.1.328. */
const npm = {
  ...{ type: "addRules", rules: [{ toolName: "Bash", ruleContent: "npm test *" }] },
  ...{ behavior: "allow", destination: "localSettings" },
};

test("offers rules that allow, for the running process only", () =>
  expect(suggestionsIn([npm])).toEqual([
    { rules: ["Bash(npm test *)"], update: { ...npm, destination: "session" } },
  ]));

test.each([
  { rule: { toolName: "WebFetch" }, text: "WebFetch" },
  { rule: { toolName: "Read", ruleContent: "//etc/**" }, text: "Read(//etc/**)" },
  {
    rule: { toolName: "Bash", ruleContent: String.raw`node -e "log(1)\n"` },
    text: String.raw`Bash(node -e "log\(1\)\\n")`,
  },
])("writes $text as the settings have it", ({ rule, text }) =>
  expect(suggestionsIn([{ ...npm, rules: [rule] }])).toMatchObject([{ rules: [text] }]),
);

test.each([
  { what: "a folder", value: { type: "addDirectories", directories: ["/"], destination: "session" } },
  { what: "a mode", value: { type: "setMode", mode: "acceptEdits", destination: "session" } },
  { what: "a denial", value: { ...npm, behavior: "deny" } },
  { what: "other rules in their place", value: { ...npm, type: "replaceRules" } },
  { what: "no rules", value: { ...npm, rules: [] } },
  { what: "an unreadable rule beside another", value: { ...npm, rules: [...npm.rules, { toolName: 1 }] } },
  { what: "an empty rule", value: { ...npm, rules: [{ toolName: "Bash", ruleContent: "" }] } },
  { what: "nothing", value: null },
])("does not offer $what", ({ value }) => {
  expect(suggestionsIn([value])).toEqual([]);
  expect(suggestionsIn(value)).toEqual([]);
});
