import { expect, test } from "vitest";
import { parseWantedCli } from "./init-answers.ts";

test.for([
  { text: "claude", parsed: { provider: "claude", version: null } },
  { text: "claude@2.1.328", parsed: { provider: "claude", version: "2.1.328" } },
])("parseWantedCli accepts $text", ({ text, parsed }) => expect(parseWantedCli(text)).toEqual(parsed));

test.for(["", "echo", "claude@", "claude@latest", "claude@2.1", "claude@2.1.328 --force", "@anthropic-ai/x"])(
  "parseWantedCli refuses %j",
  (text) => expect(parseWantedCli(text)).toMatch(/^Write claude, or with a version/),
);
