import { providers } from "@trust/preflight";
import { expect, test } from "vitest";
import { promptOf } from "./prompt-of.ts";

test.for(providers)("the prompt of %s is typed if possible, and never on argv then", (provider) => {
  const passed = promptOf({ provider, prompt: "-go" });
  expect(passed).toEqual(
    provider === "opencode" ? { args: ["--prompt", " -go"] } : { typed: "-go", args: [] },
  );
  expect(promptOf({ provider })).toEqual({ args: [] });
});
