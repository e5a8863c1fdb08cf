import { expect, test } from "vitest";
import { setUpTitle } from "./run-steps.ts";

test.each([
  { code: "sign-in-needed", provider: "claude", says: { title: "Claude setup required" } },
  { code: "no-connection", provider: "claude", says: { title: "Claude setup required" } },
  { code: "sign-in-needed", provider: "codex", says: { title: "Codex setup required" } },
  { code: "cli-missing", provider: "claude", says: {} },
])("setUpTitle returns $says for $provider with $code", ({ code, provider, says }) =>
  expect(setUpTitle(code, provider)).toEqual(says),
);
