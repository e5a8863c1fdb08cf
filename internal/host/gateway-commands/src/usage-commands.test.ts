import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, person } from "@gatehouse/dispatch/testing";
import { setPrice } from "@gatehouse/gateway/prices";
import { expect, test } from "vitest";
import { usageCommands } from "./usage-commands.ts";

/** A host at 08:00 of 2026-11-20, UTC. */
const bedOf = async () => {
  const bed = await hostBed({ commandsOn: ({ reading: db }, dataDir) => usageCommands({ db, dataDir }) });
  const { db } = bed.central;
  const team = { agent_group_id: "ag-team", input_tokens: 700, output_tokens: 50 };
  await addRow(db, "usage", { ...team, cost: 1_250_000, priced_requests: 1 });
  await addRow(db, "usage", { ...team, session_id: "se-2", model: "m" });
  await addRow(db, "usage", { ...team, day: "2026-11-19" });
  await addRow(db, "usage", { ...team, day: "2026-11-18", agent_group_id: "ag-gone" });
  return bed;
};

test("usage list sums each group's day, the oldest first", async () => {
  const bed = await bedOf();
  const price = { model: "m", aliases: [], input: 1, output: 1, cacheRead: 1, cacheWrite: 1 };
  expect((await setPrice(bed.dataDir, price, "EUR")).ok).toBe(true);
  expect(await bed.ok(operator, "usage", "list", "--days", "3")).toMatchObject([
    { day: "2026-11-18", group: "ag-gone", requests: 1, cost: null },
    { day: "2026-11-19", group: "team", requests: 1, input_tokens: 700, output_tokens: 50 },
    { day: "2026-11-20", group: "team", requests: 2, cost: 1.25, currency: "EUR", unpriced_requests: 1 },
  ]);
});

test.each([
  { days: "1", found: ["2026-11-20"] },
  { days: "2", found: ["2026-11-19", "2026-11-20"] },
])("usage list --days $days has the days $found", async ({ days, found }) => {
  const rows = (await (await bedOf()).ok(operator, "usage", "list", "--days", days)) as { day: string }[];
  expect(rows.map(({ day }) => day)).toEqual(found);
});

test("usage list sums each person's and each model's day, too", async () => {
  const bed = await bedOf();
  const { db } = bed.central;
  await addRow(db, "usage", { agent_group_id: "ag-other", user_id: "telegram:owner", requests: 3 });
  await db.updateTable("users").set({ display_name: "Ana" }).where("id", "=", "telegram:owner").execute();
  const list = async (by: string) => bed.ok(operator, "usage", "list", "--days", "1", "--by", by);
  expect(await list("person")).toContainEqual(
    expect.objectContaining({ day: "2026-11-20", person: "Ana", user_id: "telegram:owner", requests: 3 }),
  );
  expect(await list("model")).toContainEqual(
    expect.objectContaining({ day: "2026-11-20", model: "m", requests: 1 }),
  );
});

test("usage limits has each limit of a group, and what is used of it", async () => {
  const bed = await bedOf();
  await bed.central.db
    .updateTable("container_configs")
    .set({ max_tokens_per_day: 1_000, max_cost_per_day: 2, timezone: "UTC" })
    .where("agent_group_id", "=", "ag-team")
    .execute();
  const sums = { day: "2026-11-20", requests: 2, tokens: 800, cost: 1_250_000 };
  await addRow(bed.central.db, "usage_days", { agent_group_id: "ag-team", ...sums });
  expect(await bed.ok(operator, "usage", "limits")).toMatchObject([
    { group: "team", limit: "max_tokens_per_day", used: 800, most: 1_000, agent_group_id: "ag-team" },
    { group: "team", limit: "max_cost_per_day", used: 1.25, most: 2 },
  ]);
});

test.each(["list", "limits"])("usage %s is for the operator alone", async (verb) => {
  const bed = await bedOf();
  expect(await bed.code(member, "usage", verb)).toBe("forbidden");
  expect(await bed.code(person("owner"), "usage", verb)).toBe("permission-denied");
});
