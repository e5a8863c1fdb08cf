import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { setPrice } from "@gatehouse/gateway/prices";
import { expect, onTestFinished, test } from "vitest";
import { printedBy, ranCli } from "../ran-cli.fixture.ts";

type Db = Awaited<ReturnType<typeof openedCentral>>["db"];

const usage = (dataDir: string, ...flags: readonly string[]): Promise<string> =>
  printedBy(dataDir, "usage", ...flags);

const usedFolder = async (more: (db: Db) => Promise<unknown> = () => Promise.resolve()): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db } = await openedCentral(dataDir);
  await addRow(db, "agent_groups", { id: "ag-1", name: "Ana" });
  await addRow(db, "usage", { requests: 3, input_tokens: 12_345, output_tokens: 678 });
  await addRow(db, "usage", { user_id: "local:ana", session_id: "se-2", requests: 1 });
  await addRow(db, "usage", { agent_group_id: "ag-gone", day: "2026-11-21", model: "claude-haiku-4-5" });
  await more(db);
  return dataDir;
};

test("usage sums requests and tokens by group, person and day", async () => {
  const dataDir = await usedFolder();
  expect(await usage(dataDir)).toBe(
    [
      "GROUP    MODEL             REQUESTS   INPUT  OUTPUT",
      "Ana      claude-opus-4-5          4  12,347     681",
      "ag-gone  claude-haiku-4-5         1       2       3",
      "",
    ].join("\n"),
  );
  expect(await usage(dataDir, "--by", "person")).toMatch(/^- {2,}.*\n.*local:ana/m);
  expect(await usage(dataDir, "--by", "day")).toMatch(/^2026-11-20 .*\n2026-11-21 /m);
});

test("usage by task sums the sessions of each task, and no conversation's", async () => {
  const dataDir = await usedFolder(async (db) => {
    await addRow(db, "messaging_groups");
    await addRow(db, "tasks", { text: `Read the news.\n${"And tell me. ".repeat(9)}` });
    await addRow(db, "sessions", { id: "se-1", task_id: null });
    await addRow(db, "sessions", { id: "se-2", task_id: "ta-1" });
    await addRow(db, "sessions", { id: "se-3", task_id: "ta-gone", status: "closed" });
    await addRow(db, "usage", { session_id: "se-3", requests: 7 });
  });
  expect(await usage(dataDir, "--by", "task")).toBe(
    [
      "TASK                                             MODEL            REQUESTS  INPUT  OUTPUT",
      "Read the news. And tell me. And tell me… (ta-1)  claude-opus-4-5         1      2       3",
      "ta-gone                                          claude-opus-4-5         7      2       3",
      "",
    ].join("\n"),
  );
});

test("usage fits a terminal of 80 columns, also with the id of a deleted group and a long model", async () => {
  const gone = { agent_group_id: "ag-01a21d17-9443-7abc-8def-0123456789ab", session_id: "se-3" };
  const dataDir = await usedFolder(async (db) => {
    await addRow(db, "usage", { ...gone, model: "vendor/".repeat(9), input_tokens: 1_234_567_890 });
  });
  const { stdout } = await ranCli({ dataDir, columns: 80 }, "usage");
  expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(stdout).toMatch(/^ag-01a21d17-9443 +vendor.*… +1 +1,234,567,890 +\d+$/m);
});

test("usage --json prints the same as one document", async () => {
  expect(JSON.parse(await usage(await usedFolder(), "--json", "--by", "day"))).toMatchObject({
    ok: true,
    by: "day",
    usage: [
      {
        day: "2026-11-20",
        provider: "anthropic",
        model: "claude-opus-4-5",
        requests: 4,
        inputTokens: 12_347,
        outputTokens: 681,
        cost: null,
      },
      { day: "2026-11-21", requests: 1 },
    ],
  });
});

test("usage reports that no agent has used a model yet", async () =>
  expect(await usage(temporaryFolder())).toBe("No agent has used a model yet.\n"));

/** Adds limits for a group and a person, and a use of today, in UTC. */
const addLimits = async (db: Db): Promise<void> => {
  const day = new Date().toISOString().slice(0, 10);
  const config = { agent_group_id: "ag-1", cli_scope: "group", generation: 1, updated_at: "2026" };
  const limits = { timezone: "UTC", max_requests_per_day: 10, max_cost_per_day: 2 };
  await db
    .insertInto("container_configs")
    .values({ ...config, ...limits } as never)
    .execute();
  await addRow(db, "usage_days", { day, requests: 4, tokens: 13_026, cost: 500_000 });
  await addRow(db, "usage", { session_id: "se-3", requests: 2, cost: 1_250_000, priced_requests: 2 });
  await addRow(db, "users", {
    id: "local:ana",
    kind: "local",
    display_name: "Ana B",
    max_tokens_per_day: 4_000,
  });
  await addRow(db, "usage_person_days", { user_id: "local:ana", day, requests: 1, tokens: 1_000 });
};

test("usage shows costs, and each limit of the day with its use", async () => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "UTC";
  onTestFinished(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });
  const day = new Date().toISOString().slice(0, 10);
  const dataDir = await usedFolder(addLimits);
  const set = await setPrice(
    dataDir,
    { model: "m", aliases: [], input: 1, output: 1, cacheRead: 1, cacheWrite: 1 },
    "EUR",
  );
  expect(set.ok).toBe(true);
  const lines = (await usage(dataDir)).replaceAll(/ +/g, " ").split("\n");
  expect(lines).toEqual([
    "GROUP MODEL REQUESTS INPUT OUTPUT EUR",
    "Ana claude-opus-4-5 6 12,349 684 >= 1.25",
    "ag-gone claude-haiku-4-5 1 2 3 ?",
    "",
    "GROUP LIMIT DAY USED OF",
    `Ana max_requests_per_day ${day} 4 10 40 %`,
    `Ana max_cost_per_day ${day} 0.50 2.00 25 %`,
    "",
  ]);
  expect(await usage(dataDir, "--by", "person")).toMatch(
    /^Ana B +max_tokens_per_day .* 1,000 +4,000 +25 %$/m,
  );
  expect(JSON.parse(await usage(dataDir, "--json"))).toMatchObject({
    currency: "EUR",
    usage: [{ group: "ag-1", cost: 1.25, unpricedRequests: 4 }, { cost: null }],
    limits: [
      { group: "ag-1", limit: "max_requests_per_day", day, used: 4, most: 10 },
      { most: 2, used: 0.5 },
    ],
  });
});
