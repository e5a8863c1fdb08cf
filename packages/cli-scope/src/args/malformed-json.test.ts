import { expect, test } from "vitest";
import { explain } from "../problems/command-messages.ts";
import { checkArgs } from "./check-args.ts";

const command = {
  flags: [
    { name: "args", type: "json", description: "", example: `'["a"]'` },
    { name: "env", type: "json", description: "" },
  ],
} as const;

const said = (name: string, given: string): string => {
  const checked = checkArgs(command, { [name]: given });
  return checked.ok ? "taken" : checked.error.map(explain).join(" ");
};

test.each([
  { name: "env", given: "{bad", says: `is broken at character 2 of 4. .*: --env '{"NAME":"value"}'$` },
  { name: "env", given: '{"A":"1"', says: "ends too early, after 8 characters" },
  { name: "env", given: "", says: "ends too early, after 0 characters" },
  { name: "args", given: '{"a":1,}', says: `is broken at character 8 of 8. .*: --args '\\["a"\\]'$` },
  { name: "args", given: "bad", says: "The value of --args is not JSON. Write names" },
  { name: "args", given: '["a"]', says: "^taken$" },
])("checkArgs, for --$name $given, says: $says", ({ name, given, says }) =>
  expect(said(name, given)).toMatch(new RegExp(says)),
);

test.each(['{"TOKEN":"s3cret",}', "s3cret", "{s3cret", '["s3cret"'])(
  "checkArgs does not quote the value %s",
  (given) => expect(said("env", given)).not.toContain("s3cret"),
);
