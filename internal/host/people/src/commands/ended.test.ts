import { expect, test } from "vitest";
import { failureOf } from "./ended.ts";

test.each([
  { error: { code: "unknown-service", service: "gate" }, flag: "--service-user" },
  { error: { code: "users-file-missing", path: "/srv/users.yaml" }, flag: "--users-file" },
  { error: { code: "users-file-empty", path: "/srv/users.yaml" }, flag: undefined },
] as const)("$error.code: only the fix names a flag", ({ error, flag }) => {
  const { message, fix } = failureOf(error);
  expect(message).not.toContain("--");
  expect(fix).toEqual(flag === undefined ? undefined : expect.stringContaining(flag));
});
