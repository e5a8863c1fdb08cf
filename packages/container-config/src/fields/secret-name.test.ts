import { expect, test } from "vitest";
import { providers } from "../provider.ts";
import { isValidSecretName, secretsOf } from "./secret-name.ts";

test.each(["T", "RSS_TOKEN", "A1", `A${"_".repeat(63)}`])("isValidSecretName takes %s", (name) => {
  expect(isValidSecretName(name)).toBe(true);
});

test.each(["", "rss", "Rss", "1A", "_A", "A-B", "A B", "A\n", "../A", "ÄB", `A${"_".repeat(64)}`])(
  "isValidSecretName refuses %j",
  (name) => {
    expect(isValidSecretName(name)).toBe(false);
  },
);

test("no provider has the name of a secret, so no configuration can name its key", () => {
  expect(providers.filter(isValidSecretName)).toEqual([]);
});

test("secretsOf names each secret of the servers once", () => {
  expect(
    secretsOf({
      a: { command: "x", env: { V: "NOT_A_SECRET" }, secretEnv: { T: "ONE", U: "TWO" } },
      b: { url: "https://b.example", secretHeaders: { Authorization: "TWO" } },
      c: { command: "y" },
    }),
  ).toEqual(["ONE", "TWO"]);
});
