import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, person, type Bed } from "@gatehouse/dispatch/testing";

/** The time of the host's clock is 2026-11-20T08:00, and some ms. */
const times = [
  "2026-11-19T07:59:00.000Z",
  "2026-11-19T23:59:59.999Z",
  "2026-11-20T00:00:00.000Z",
  "2026-11-20T07:30:00.000Z",
  "2026-11-20T07:59:59.000Z",
];

const bedWithTimes = async (): Promise<Bed> => {
  const bed = await hostBed();
  await bed.host.flush();
  await bed.central.db.deleteFrom("decisions").execute();
  for (const [index, at] of times.entries())
    await addRow(bed.central.db, "decisions", { id: `de-${index}`, at, command: "past" });
  return bed;
};

/** The indexes of the listed times. */
const found = async (bed: Bed, ...flags: readonly string[]): Promise<readonly number[]> => {
  const rows = await bed.ok(operator, "decisions", "list", "--command", "past", ...flags);
  return (rows as { readonly at: string }[]).map(({ at }) => times.indexOf(at)).toReversed();
};

describe("decisions list", () => {
  test.each([
    { text: "NEEDLE", ids: ["de-args", "de-reason"] },
    { text: "roles grant", ids: ["de-command"] },
    { text: "50%", ids: ["de-reason"] },
    { text: 'a "quoted"', ids: ["de-args"] },
    { text: "needle_", ids: [] },
  ])("lists what has $text in its command, a value or its reason", async ({ text, ids }) => {
    const bed = await bedWithTimes();
    const { db } = bed.central;
    await addRow(db, "decisions", { id: "de-command", command: "roles grant" });
    await addRow(db, "decisions", { id: "de-args", args: JSON.stringify({ why: 'a "quoted" needle' }) });
    await addRow(db, "decisions", { id: "de-reason", reason: "50% of a Needle" });
    const rows = (await bed.ok(operator, "decisions", "list", "--text", text)) as { readonly id: string }[];
    // The listing itself is a decision that has the text.
    const own = ["de-command", "de-args", "de-reason"];
    expect(
      rows
        .map(({ id }) => id)
        .filter((id) => own.includes(id))
        .toSorted(),
    ).toEqual(ids);
  });

  test.each([
    { flags: ["--since", "24h"], says: [1, 2, 3, 4] },
    { flags: ["--since", "1d"], says: [1, 2, 3, 4] },
    { flags: ["--since", "2 days"], says: [0, 1, 2, 3, 4] },
    { flags: ["--since", "2w"], says: [0, 1, 2, 3, 4] },
    { flags: ["--since", "31m"], says: [3, 4] },
    { flags: ["--since", "31 min ago"], says: [3, 4] },
    { flags: ["--since", "90s"], says: [4] },
    { flags: ["--since", "999999w"], says: [0, 1, 2, 3, 4] },
    { flags: ["--until", "1h"], says: [0, 1, 2] },
    { flags: ["--since", "now"], says: [] },
    { flags: ["--since", "2026-11-20"], says: [2, 3, 4] },
    { flags: ["--until", "2026-11-19"], says: [0, 1] },
    { flags: ["--since", "2026-11-19", "--until", "2026-11-19"], says: [0, 1] },
    { flags: ["--since", "2026-11-20T07:30"], says: [3, 4] },
    { flags: ["--since", "2026-11-20 07:30:00"], says: [3, 4] },
    { flags: ["--since", "2026-11-20T09:30+02:00"], says: [3, 4] },
    { flags: ["--since", "2026-11-20T02:00-0530"], says: [3, 4] },
    { flags: ["--since", "2026-11-20T07:30:00.000Z", "--until", "2026-11-20T07:59:59.000Z"], says: [3] },
  ])("lists with $flags the decisions $says", async ({ flags, says }) =>
    expect(await found(await bedWithTimes(), ...flags)).toEqual(says),
  );

  test.each(["yesterday", "", "24", "-24h", "5ms", "1M", "2026-02-30", "2026-13-01", "20-11-2026"])(
    "refuses --since %j, and names the forms",
    async (text) => {
      const answer = await (await hostBed()).ask(operator, "decisions", "list", `--since=${text}`);
      expect(answer).toMatchObject({
        code: "invalid-args",
        message: `--since is a day, a time, or how long ago, such as 2026-11-27, 2026-11-27T08:00Z, 24h or 7d: not ${JSON.stringify(text)}.`,
      });
    },
  );

  test.each(["2026-11-20T25:00", "2026-11-20T08", "24hh", "tomorrow"])("refuses --until %j", async (text) => {
    const answer = await (await hostBed()).ask(operator, "decisions", "list", "--until", text);
    expect(answer).toMatchObject({ code: "invalid-args", message: expect.stringMatching(/^--until is/) });
  });

  test("refuses a span that ends before it begins", async () => {
    const answer = await (
      await hostBed()
    ).ask(operator, "decisions", "list", "--since", "1h", "--until", "2h");
    expect(answer).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining("--since is not before --until"),
    });
  });

  test("warns if there are more decisions than it lists", async () => {
    const bed = await bedWithTimes();
    const list = (limit: string) =>
      bed.ask(operator, "decisions", "list", "--command", "past", "--limit", limit);
    expect(await list("4")).toMatchObject({ warnings: [expect.stringContaining("more than 4")] });
    expect(await list("5")).toMatchObject({ warnings: [] });
  });

  test.each([
    { actor: "host", commands: ["users update", "groups list", "decisions list"] },
    { actor: "ada", commands: ["users update", "decisions list"] },
    { actor: "agent", commands: ["groups get"] },
    { actor: "ag-team", commands: ["groups get", "groups list"] },
    { actor: "team", commands: ["groups get", "groups list"] },
    { actor: "se-team", commands: ["groups get"] },
    { actor: "agent:ag-team/se-team", commands: ["groups get"] },
    { actor: "user", commands: ["approvals list"] },
    { actor: "telegram:owner", commands: ["approvals list"] },
    { actor: "user:telegram:owner", commands: ["approvals list"] },
    { actor: "host as agent:ag-team", commands: ["groups list"] },
    { actor: "telegram:own", commands: [] },
    { actor: "%", commands: [] },
  ])("finds with --actor $actor the commands $commands", async ({ actor, commands }) => {
    const bed = await hostBed();
    await bed.host.flush();
    await bed.central.db.deleteFrom("decisions").execute();
    const account = { type: "host", account: "ada" } as const;
    await bed.ok(account, "users", "update", "telegram:owner", "--display-name", "Ana");
    await bed.ok(member, "groups", "get");
    await bed.ok(person("owner"), "approvals", "list");
    await bed.ok(operator, "groups", "list", "--as-group", "ag-team");
    const rows = (await bed.ok(account, "decisions", "list", "--actor", actor)) as { command: string }[];
    expect(rows.map(({ command }) => command).toReversed()).toEqual(commands);
  });

  test("shows the values that a command named, and the account behind the host", async () => {
    const bed = await hostBed();
    const actor = { type: "host", account: "ada" } as const;
    await bed.ok(
      actor,
      "groups",
      "config",
      "update",
      "team",
      "--tools",
      "allow-all",
      "--model",
      "opus",
      "--yes",
    );
    const [row] = (await bed.ok(
      operator,
      "decisions",
      "list",
      "--command",
      "groups config update",
    )) as object[];
    expect(row).toMatchObject({
      actor: "host",
      account: "ada",
      effect: "allow",
      rule_id: "host",
      args: { id: "ag-team", tools: "allow-all", model: "opus", yes: "true" },
    });
  });

  test("names the person whose answer approved a request, and which request", async () => {
    const bed = await hostBed();
    const held = await bed.ask(member, "groups", "update", "--name", "Held");
    const id = held.ok ? "" : (held.approvalId ?? "");
    await bed.ok(person("owner"), "approvals", "approve", id);
    const rows = await bed.ok(operator, "decisions", "list", "--actor", "user");
    expect(rows).toMatchObject([
      { actor: "user:telegram:owner", command: "approvals approved", args: { id, asked: "groups update" } },
      { actor: "user:telegram:owner", command: "approvals approve", args: { id } },
    ]);
  });
});
