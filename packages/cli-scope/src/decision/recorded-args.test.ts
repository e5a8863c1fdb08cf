import { expect, test } from "vitest";
import type { Flag } from "../commands/command.ts";
import { recordedArgs } from "./recorded-args.ts";

const flag = (name: string, more: Partial<Flag> = {}): Flag => ({
  name,
  type: "string",
  description: "",
  ...more,
});

const flags: readonly Flag[] = [
  flag("id"),
  flag("text", { isPrivate: true }),
  flag("env", { type: "json" }),
  flag("skills", { type: "list" }),
  flag("limit", { type: "integer" }),
];

test.each([
  { what: "a text", args: { id: "ap-1" }, kept: { id: "ap-1" } },
  { what: "a number", args: { limit: 5 }, kept: { limit: "5" } },
  { what: "a list, typed once or repeated", args: { skills: ["a", "b,c"] }, kept: { skills: "a,b,c" } },
  { what: "only the names of JSON", args: { env: '{"KEY":"hunter2"}' }, kept: { env: "(values of KEY)" } },
  {
    what: "only the names of a parsed object",
    args: { env: { K: "hunter2" } },
    kept: { env: "(values of K)" },
  },
  { what: "only the length of a JSON list", args: { env: '["-p","hunter2"]' }, kept: { env: "(2 values)" } },
  { what: "nothing of broken JSON", args: { env: '{"KEY":"hunter2' }, kept: { env: "(not recorded)" } },
  { what: "nothing of a JSON text", args: { env: '"hunter2"' }, kept: { env: "(not recorded)" } },
  { what: "only the length of a private text", args: { text: "hunter2" }, kept: { text: "(7 characters)" } },
  {
    what: "only the length of an unknown flag",
    args: { pasword: "hunter2" },
    kept: { pasword: "(7 characters)" },
  },
  {
    what: "nothing of a nested value for a text",
    args: { id: { a: "hunter2" } },
    kept: { id: "(not recorded)" },
  },
  { what: "nothing of a nested list", args: { skills: [["hunter2"]] }, kept: { skills: "(not recorded)" } },
])("recordedArgs keeps $what", ({ args, kept }) => expect(recordedArgs(flags, args)).toEqual(kept));
