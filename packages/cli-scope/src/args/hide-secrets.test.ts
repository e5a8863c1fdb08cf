import { expect, test } from "vitest";
import type { FlagValue } from "../commands/command.ts";
import { hideSecrets } from "./hide-secrets.ts";

const flags = [
  { name: "name", type: "string", description: "" },
  { name: "env", type: "json", description: "", secret: true },
  {
    name: "url",
    type: "string",
    description: "",
    shown: (value: FlagValue) => String(value).split("?")[0] ?? "",
  },
] as const;

test.each([
  {
    what: "an object",
    env: { TOKEN: "s3cret", deep: { s3: "s3cret" } },
    shown: { TOKEN: "(hidden)", deep: "(hidden)" },
  },
  {
    what: "a list of settings",
    env: ["TOKEN=s3cret", "A-B=s3=cret"],
    shown: ["TOKEN=(hidden)", "A-B=(hidden)"],
  },
  {
    what: "a list of other values",
    env: ["s3cret", "s3 cret=1", 5, ["s3cret"]],
    shown: ["(hidden)", "(hidden)", "(hidden)", "(hidden)"],
  },
  { what: "text", env: "TOKEN=s3cret", shown: "(hidden)" },
  { what: "a number", env: 5, shown: "(hidden)" },
  { what: "null", env: null, shown: "(hidden)" },
])("hideSecrets shows only names of $what", ({ env, shown }) => {
  expect(hideSecrets({ flags }, { name: "db", env })).toEqual({ name: "db", env: shown });
});

test("hideSecrets shows what a flag's own shown() returns", () => {
  expect(hideSecrets({ flags }, { url: "https://h/x?key=s3cret" })).toEqual({ url: "https://h/x" });
});
