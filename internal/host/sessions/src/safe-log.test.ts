import { expect, test } from "vitest";
import { safeLog } from "./safe-log.ts";

const key = "sk-ant-api03-HOSTLOGSECRET0123456789abcdef";

const logged = (fields: Readonly<Record<string, string | number | null>>) => {
  const events: unknown[] = [];
  safeLog((event, shown) => events.push([event, shown]))("happened", fields);
  return events;
};

test("a secret in a reason is removed in the log, and all other fields are unchanged", () => {
  const [[event, { reason, ...rest }]] = logged({
    reason: `token ${key} is refused`,
    id: "o-1",
    waitMs: 5,
  }) as [[string, { reason: string }]];
  expect([event, rest]).toEqual(["happened", { id: "o-1", waitMs: 5 }]);
  expect(reason).toMatch(/^token \*+ is refused$/);
});

test("a long reason is shortened, without a part of a secret at the cut", () => {
  const [[, { reason }]] = logged({ reason: `${"x ".repeat(240)}${key} ${"y".repeat(1e6)}` }) as [
    [string, { reason: string }],
  ];
  expect(reason).toHaveLength(500);
  expect(reason).not.toContain("sk-");
});
