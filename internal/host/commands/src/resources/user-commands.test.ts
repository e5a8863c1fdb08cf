import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, operator } from "@gatehouse/dispatch/testing";
import { describe, expect, test } from "vitest";

describe("the limits of a person", () => {
  test("the limits of a person are set, shown and cleared", async () => {
    const bed = await hostBed();
    const id = "telegram:admin";
    const flags = [
      "--max-requests-per-day",
      "20",
      "--max-tokens-per-day",
      "3000000000",
      "--max-cost-per-day",
      "2.5",
    ];
    const limits = { max_requests_per_day: 20, max_tokens_per_day: 3_000_000_000, max_cost_per_day: 2.5 };
    expect(await bed.ok(operator, "users", "update", id, ...flags)).toMatchObject({ id, ...limits });
    expect(await bed.ok(operator, "users", "get", id)).toMatchObject({ ...limits, not_applied: [] });
    const unset = await bed.ok(
      operator,
      "users",
      "update",
      id,
      "--unset",
      "max-cost-per-day,max_tokens_per_day",
    );
    expect(unset).toMatchObject({
      max_requests_per_day: 20,
      max_tokens_per_day: null,
      max_cost_per_day: null,
    });
  });

  test.for([
    { args: [], says: "Nothing to change" },
    { args: ["--unset", "display-name"], says: "--unset knows max_requests_per_day" },
    { args: ["--unset", "max-cost-per-day", "--max-cost-per-day", "1"], says: "Say either" },
    { args: ["--max-cost-per-day", "0"], says: "max-cost-per-day" },
    { args: ["--max-requests-per-day", "0.5"], says: "max-requests-per-day" },
  ])("users update refuses $args", async ({ args, says }) => {
    const bed = await hostBed();
    const answer = await bed.ask(operator, "users", "update", "telegram:admin", ...args);
    expect(answer).toMatchObject({ code: "invalid-args" });
    expect(JSON.stringify(answer)).toContain(says);
  });
});

test("users get names the fields of users.yaml that the host does not use, and the budget that it uses", async () => {
  const bed = await hostBed();
  const entry = { name: "Ana", github: "ana", model: "opus", max_budget: 5, timeout: null };
  const user_id = "telegram:admin";
  await addRow(bed.central.db, "file_users", { user_id, entry: JSON.stringify(entry) });
  const reason = "users.yaml has it, and no part of the host acts on it yet.";
  expect(await bed.ok(operator, "users", "get", user_id)).toMatchObject({
    max_budget: 5,
    not_applied: [{ field: "github", reason }],
  });
  await bed.ok(operator, "users", "update", user_id, "--max-cost-per-day", "2");
  expect(await bed.ok(operator, "users", "get", user_id)).toMatchObject({ max_budget: null });
});

test.for([
  { entry: { agent_backend: "codex", model: "gpt-2" }, fields: [] },
  { entry: { agent_backend: "goose" }, fields: ["agent_backend"] },
  { entry: { agent_backend: "goose", model: "x" }, fields: ["agent_backend", "model"] },
])("users get names of $entry as not applied: $fields", async ({ entry, fields }) => {
  const bed = await hostBed();
  await addRow(bed.central.db, "file_users", { user_id: "telegram:admin", entry: JSON.stringify(entry) });
  const { not_applied: notApplied } = (await bed.ok(operator, "users", "get", "telegram:admin")) as {
    readonly not_applied: readonly { readonly field: string }[];
  };
  expect(notApplied.map(({ field }) => field)).toEqual(fields);
});
