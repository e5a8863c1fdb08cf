import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, steward, stranger, type Bed } from "@gatehouse/dispatch/testing";
import type { Card } from "@gatehouse/std";
import type { Actor } from "@nc/cli-scope";

/** Friday, 20 November 2026, 08:00 UTC: the start of the clock. */
const startOfClock = "2026-11-20T08:00";

/** `ag-team` answers in `mg-team` and lives in Berlin; `ag-other` answers in two chats, `ag-home` in none. */
const prepared = async (): Promise<Bed> => {
  const bed = await hostBed();
  const { db } = bed.central;
  await bed.ok(operator, "groups", "config", "update", "ag-team", "--timezone", "Europe/Berlin");
  await bed.ok(operator, "groups", "config", "update", "ag-other", "--timezone", "UTC");
  await addRow(db, "messaging_groups", { id: "mg-two", platform_id: "telegram:-5", name: "Two" });
  for (const [id, messaging_group_id] of Object.entries({ "wi-one": "mg-free", "wi-two": "mg-two" }))
    await addRow(db, "messaging_group_agents", { id, messaging_group_id, agent_group_id: "ag-other" });
  return bed;
};

const create = (bed: Bed, actor: Actor, ...more: readonly string[]) =>
  bed.ask(actor, "tasks", "create", "--text", "Read the news.", ...more);

const rows = ({ central: { db } }: Bed) => db.selectFrom("tasks").selectAll().orderBy("id").execute();

const conditionSaid = (command: string): readonly string[] => [
  `First runs, where the agent runs: ${JSON.stringify(command)}`,
  "Only its exit code 0 wakes the agent, with its output. Nobody is asked before it runs.",
];

const yes = ["--group", "ag-team", "--yes"];

describe("tasks create", () => {
  test("keeps the text, the schedule in the group's zone, the only chat, and the first time", async () => {
    const bed = await prepared();
    await bed.ok(operator, "tasks", "create", ...yes, "--text", "Read the news.", "--cron", "0 8 * * 1-5");
    expect(await rows(bed)).toMatchObject([
      {
        agent_group_id: "ag-team",
        messaging_group_id: "mg-team",
        thread_id: null,
        has_own_session: 1,
        text: "Read the news.",
        schedule: '{"kind":"cron","expression":"0 8 * * 1-5","zone":"Europe/Berlin"}',
        missed: "latest",
        within_ms: null,
        status: "active",
        next_at: "2026-11-23T07:00:00.000Z",
        last_at: null,
        failures: 0,
        created_by: "host",
      },
    ]);
  });

  test("keeps what happens to missed times, and a run in the conversation", async () => {
    const bed = await prepared();
    await create(
      bed,
      operator,
      ...yes,
      "--at",
      "10:00",
      "--missed",
      "all",
      "--within",
      "2h",
      "--conversation",
    );
    expect(await rows(bed)).toMatchObject([
      { missed: "all", within_ms: 7_200_000, has_own_session: 0, next_at: "2026-11-20T09:00:00.000Z" },
    ]);
  });

  test("shows its cadence, its history and its next five times before anything is saved", async () => {
    const bed = await prepared();
    const refused = await create(bed, operator, "--group", "ag-team", "--cron", "0 8 * * 1-5");
    expect(refused).toMatchObject({
      code: "invalid-args",
      message: [
        "Nothing is saved yet. The task would be:",
        "Runs: At 08:00, Monday through Friday (Europe/Berlin).",
        "Its runs have a session of their own: a run sees the runs before it, and nothing that people write. The answers go to the chat mg-team.",
        "The next times: Mon 2026-11-23 08:00, Tue 2026-11-24 08:00, Wed 2026-11-25 08:00, Thu 2026-11-26 08:00, Fri 2026-11-27 08:00 (Europe/Berlin).",
        "To save it, add --yes.",
      ].join("\n"),
    });
    expect(await rows(bed)).toEqual([]);
  });

  test.each<[string, Record<string, string | null>, string, string]>([
    ["a title", { name: "Team" }, "", 'The answers go to the chat "Team".'],
    [
      "a title, in its conversation",
      { name: "Team" },
      "--conversation",
      'the conversation in the chat "Team":',
    ],
    ["a person", { user_id: "telegram:admin" }, "", "The answers go to the direct chat of Adam."],
    [
      "a person without a name",
      { user_id: "telegram:none" },
      "",
      "The answers go to the direct chat of telegram:none.",
    ],
  ])("names the chat by %s", async (_, chat, flag, says) => {
    const bed = await prepared();
    const { db } = bed.central;
    await addRow(db, "users", { id: "telegram:none", display_name: null });
    await db.updateTable("users").set({ display_name: "Adam" }).where("id", "=", "telegram:admin").execute();
    await db
      .updateTable("messaging_groups")
      .set({ is_group: 0, ...chat })
      .where("id", "=", "mg-team")
      .execute();
    const more = ["--group", "ag-team", "--every", "1d", ...(flag === "" ? [] : [flag])];
    expect(await create(bed, operator, ...more)).toMatchObject({
      message: expect.stringContaining(says) as unknown,
    });
  });

  test.each<[string, Actor, string, RegExp]>([
    ["no schedule", operator, "--group ag-team --yes", /needs one of --at TIME/],
    ["two schedules", operator, "--group ag-team --yes --at 08:00 --every 1d", /needs one of --at TIME/],
    ["a time that has passed", operator, `--group ag-team --yes --at ${startOfClock}Z`, /has passed/],
    ["a day that never comes", operator, "--group ag-team --yes --cron 0_0_30_2_*", /never comes/],
    ["a lateness below a minute", operator, "--group ag-team --yes --every 1d --within 1s", /--within is at/],
    ["several chats", operator, "--group ag-other --yes --every 1d", /--chat: .*mg-two \(Two\)/],
    [
      "a chat of another group",
      operator,
      "--group ag-team --yes --every 1d --chat mg-two",
      /mg-two \(--chat\)/,
    ],
    ["a chat of another group, for an agent", member, "--every 1d --chat mg-two", /answers in mg-team\.$/],
    [
      "no chat at all",
      operator,
      "--group ag-home --yes --every 1d",
      /gatehouse chat --group ag-home\. .* --agent-group-id ag-home$/,
    ],
    ["five runs a day of an agent", member, "--cron 0_8-12_*_*_*", /--often/],
    ["an interval of an agent below six hours", member, "--every 5h", /--often/],
    ["another group of an agent", stranger, "--group ag-team --every 1d", /leave the group's id out/],
  ])("refuses %s", async (_, actor, line, says) => {
    const bed = await prepared();
    const words = line.split(" ").map((word) => word.replaceAll("_", " "));
    expect(await create(bed, actor, ...words)).toMatchObject({
      ok: false,
      message: expect.stringMatching(says) as unknown,
    });
    expect(await rows(bed)).toEqual([]);
  });

  test("refuses an empty text", async () => {
    const bed = await prepared();
    const answer = await bed.ask(operator, "tasks", "create", ...yes, "--text", " ", "--every", "1d");
    expect(answer).toMatchObject({
      code: "invalid-args",
      message: expect.stringMatching(/^--text/) as unknown,
    });
  });

  test("keeps the command that runs first, and says what it decides", async () => {
    const bed = await prepared();
    const words = ["--group", "ag-team", "--every", "1d", "--if", "test -s inbox"];
    expect(await create(bed, operator, ...words)).toMatchObject({
      message: expect.stringContaining(conditionSaid("test -s inbox").join("\n")) as unknown,
    });
    await create(bed, operator, ...words, "--yes");
    expect(await rows(bed)).toMatchObject([{ condition: "test -s inbox" }]);
  });

  test.each([
    { what: "an empty one", command: " ", says: /^--if is empty/ },
    { what: "two lines", command: "true\nfalse", says: /^--if is one line/ },
    { what: "a character that nobody sees", command: "true \u{202e}", says: /^--if is one line/ },
    { what: "301 characters", command: `test ${"x".repeat(296)}`, says: /^--if is one line of at most 300/ },
  ])("refuses a command of $what", async ({ command, says }) => {
    const bed = await prepared();
    expect(await create(bed, operator, ...yes, "--every", "1d", "--if", command)).toMatchObject({
      code: "invalid-args",
      message: expect.stringMatching(says) as unknown,
    });
  });

  test.each([
    { what: "300 quotes", command: '"'.repeat(300) },
    { what: "300 wide characters", command: "€".repeat(300) },
  ])("shows a person an agent's command whole on the card: $what", async ({ command }) => {
    const bed = await prepared();
    const words = ["--text", `Sort it. ${"Word. ".repeat(2000)}`, "--every", "1d", "--if", command];
    expect(await bed.code(member, "tasks", "create", ...words)).toBe("approval-pending");
    const [held] = (await bed.ok(operator, "approvals", "list")) as readonly { readonly card: Card }[];
    expect(held?.card.lines).toEqual(expect.arrayContaining([...conditionSaid(command)]));
    expect(held?.card.lines).toContainEqual(expect.stringContaining(`--if: ${JSON.stringify(command)}`));
  });

  test.each<[string, string]>([
    ["four runs a day", "--cron 0_8-11_*_*_*"],
    ["an interval of six hours", "--every 6h"],
    ["more with --often", "--cron 0_8-12_*_*_* --often"],
    ["more with a command first", "--every 5m --if test_-s_inbox"],
  ])("asks a person about an agent's task of %s", async (_, line) => {
    const bed = await prepared();
    const words = line.split(" ").map((word) => word.replaceAll("_", " "));
    expect(await create(bed, member, ...words)).toMatchObject({ code: "approval-pending" });
  });

  test("an operator needs no --often", async () => {
    const bed = await prepared();
    expect(await create(bed, operator, ...yes, "--every", "5h")).toMatchObject({ ok: true });
  });

  test("shows a person the cadence, the history and the next three times, and saves what was approved later", async () => {
    const bed = await prepared();
    await create(bed, member, "--cron", "0 8 * * 1-5");
    const [held] = (await bed.ok(operator, "approvals", "list")) as readonly (Card & {
      readonly card: Card;
    })[];
    expect(held).toMatchObject({
      consequence: [
        "Runs: At 08:00, Monday through Friday (Europe/Berlin).",
        expect.stringMatching(/^Its runs have a session of their own/),
      ],
      preview: [
        "The next times: Mon 2026-11-23 08:00, Tue 2026-11-24 08:00, Wed 2026-11-25 08:00 (Europe/Berlin).",
      ],
      card: {
        lines: expect.arrayContaining([expect.stringContaining('--text "Read the news."')]) as unknown,
      },
    });
    bed.later(23 * 3_600_000);
    await bed.ok(operator, "approvals", "approve", held?.id ?? "");
    expect(await rows(bed)).toMatchObject([{ next_at: "2026-11-23T07:00:00.000Z" }]);
  });

  test("runs an agent's task once a person has approved it, in the chat and thread of its session", async () => {
    const bed = await prepared();
    const { db } = bed.central;
    await db.updateTable("sessions").set({ thread_id: "th-1" }).where("id", "=", "se-team").execute();
    const held = await create(bed, member, "--every", "1d");
    const { approvalId = "" } = held.ok ? {} : held;
    expect(await rows(bed)).toEqual([]);
    await bed.ok(operator, "approvals", "approve", approvalId);
    expect(await rows(bed)).toMatchObject([
      { messaging_group_id: "mg-team", thread_id: "th-1", created_by: "agent:ag-team/se-team" },
    ]);
  });

  test("is of the agent's own group, also if its scope is global and it names none", async () => {
    const bed = await prepared();
    const wiring = { id: "wi-home", messaging_group_id: "mg-free", agent_group_id: steward.groupId };
    await addRow(bed.central.db, "messaging_group_agents", wiring);
    const held = await create(bed, steward, "--every", "1d");
    const { approvalId = "" } = held.ok ? {} : held;
    await bed.ok(operator, "approvals", "approve", approvalId);
    expect(await rows(bed)).toMatchObject([{ agent_group_id: steward.groupId }]);
    expect(await create(bed, operator, "--every", "1d", "--yes")).toMatchObject({
      ok: false,
      code: "invalid-args",
      message: "--group is missing.",
    });
  });

  test("refuses an agent's task that would no longer be the one on the card", async () => {
    const bed = await prepared();
    const held = await create(bed, member, "--at", "10:00");
    const { approvalId = "" } = held.ok ? {} : held;
    bed.later(2 * 3_600_000);
    expect(await bed.ask(operator, "approvals", "approve", approvalId)).toMatchObject({
      ok: true,
      data: { status: "failed" },
    });
    expect(await rows(bed)).toEqual([]);
  });

  test("refuses the 51st task of a group, and does not count those that have ended", async () => {
    const bed = await prepared();
    for (let count = 0; count < 50; count += 1)
      await addRow(bed.central.db, "tasks", {
        id: `ta-${count}`,
        agent_group_id: "ag-team",
        messaging_group_id: "mg-team",
      });
    const full = await create(bed, operator, ...yes, "--every", "1d");
    expect(full).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining("50 tasks") as unknown,
    });
    await bed.central.db.updateTable("tasks").set({ status: "ended" }).where("id", "=", "ta-7").execute();
    expect(await create(bed, operator, ...yes, "--every", "1d")).toMatchObject({ ok: true });
  });
});

/** A task of `ag-team` and one of `ag-other`. */
const withTasks = async (): Promise<Bed> => {
  const bed = await prepared();
  const { db } = bed.central;
  const schedule = '{"kind":"cron","expression":"0 8 * * *","zone":"Europe/Berlin"}';
  const text = `Read the news.\n${"Then tell me. ".repeat(10)}`;
  const next_at = "2026-11-21T07:00:00.000Z";
  const own = { agent_group_id: "ag-team", messaging_group_id: "mg-team" };
  await addRow(db, "tasks", { id: "ta-team", ...own, schedule, text, next_at });
  await addRow(db, "tasks", { id: "ta-other", agent_group_id: "ag-other", messaging_group_id: "mg-two" });
  return bed;
};

describe("tasks list", () => {
  test("has the short text, the cadence, the next time in its zone, and how the last run ended", async () => {
    const bed = await withTasks();
    const runs = { task_id: "ta-team", written_at: "2026-11-20T07:00:00.000Z" };
    await addRow(bed.central.db, "task_runs", { ...runs, at: "2026-11-19T07:00:00.000Z", outcome: "failed" });
    await addRow(bed.central.db, "task_runs", { ...runs, at: "2026-11-20T07:00:00.000Z", outcome: "done" });
    expect(await bed.ok(operator, "tasks", "list", "--group", "ag-team")).toEqual([
      {
        id: "ta-team",
        text: "Read the news. Then tell me. Then tell me. Then tell me. Th…",
        cadence: "At 08:00 (Europe/Berlin)",
        next: "Sat 2026-11-21 08:00 (Europe/Berlin)",
        status: "active",
        last: "done",
        group: "team",
        agent_group_id: "ag-team",
      },
    ]);
  });

  test.each<[string, Actor, readonly string[]]>([
    ["the operator", operator, ["ta-other", "ta-team"]],
    ["an agent", member, ["ta-team"]],
    ["an agent of another group", stranger, ["ta-other"]],
    ["a global agent", steward, ["ta-other", "ta-team"]],
  ])("shows %s its tasks", async (_, actor, ids) => {
    const bed = await withTasks();
    const listed = (await bed.ok(actor, "tasks", "list")) as readonly { readonly id: string }[];
    expect(listed.map(({ id }) => id).toSorted()).toEqual(ids);
  });
});

describe("tasks get", () => {
  test("shows everything, the next five times, and the last runs", async () => {
    const bed = await withTasks();
    await addRow(bed.central.db, "task_runs", {
      task_id: "ta-team",
      at: "2026-11-18T07:00:00.000Z",
      missed: 2,
      missed_until: "2026-11-19T07:00:00.000Z",
      outcome: "missed",
    });
    expect(await bed.ok(member, "tasks", "get", "ta-team")).toMatchObject({
      id: "ta-team",
      schedule: { kind: "cron", expression: "0 8 * * *", zone: "Europe/Berlin" },
      cadence: "At 08:00 (Europe/Berlin)",
      next_times: [21, 22, 23, 24, 25].map((day) => `2026-11-${day}T07:00:00.000Z`),
      runs: [
        {
          at: "2026-11-18T07:00:00.000Z",
          outcome: "missed",
          missed: 2,
          missed_until: "2026-11-19T07:00:00.000Z",
        },
      ],
    });
  });

  test("has no next times for a task that is paused", async () => {
    const bed = await withTasks();
    await bed.central.db.updateTable("tasks").set({ status: "paused" }).execute();
    expect(await bed.ok(member, "tasks", "get", "ta-team")).toMatchObject({ next_times: [] });
  });

  test("finds no task of another group, for an agent", async () => {
    const bed = await withTasks();
    expect(await bed.ask(member, "tasks", "get", "ta-other")).toMatchObject({ code: "not-found" });
  });
});

const row = async (bed: Bed, id: string) => (await rows(bed)).find((task) => task.id === id);

const set = (bed: Bed, values: Record<string, unknown>) =>
  bed.central.db.updateTable("tasks").set(values).where("id", "=", "ta-team").execute();

describe("tasks update", () => {
  const cron = (expression: string, zone: string): string =>
    JSON.stringify({ kind: "cron", expression, zone });

  // 08:00 UTC on a Friday is 09:00 in Berlin.
  test.each<[string, string, Record<string, unknown>]>([
    [
      "another expression, with its next time at once",
      "--cron 30_9_*_*_*",
      { schedule: cron("30 9 * * *", "Europe/Berlin"), next_at: "2026-11-20T08:30:00.000Z" },
    ],
    ["a time", "--at 09:15", { next_at: "2026-11-20T08:15:00.000Z" }],
    ["an interval", "--every 2d", { next_at: expect.stringMatching(/^2026-11-22T08:00/) as unknown }],
    [
      "another timezone, in which the same clock times are others",
      "--timezone america/new_york",
      { schedule: cron("0 8 * * *", "America/New_York"), next_at: "2026-11-20T13:00:00.000Z" },
    ],
    [
      "an expression in another timezone",
      "--cron 0_9_*_*_* --timezone Asia/Tokyo",
      { schedule: cron("0 9 * * *", "Asia/Tokyo"), next_at: "2026-11-21T00:00:00.000Z" },
    ],
    [
      "its text, its missed times and its lateness, but no time",
      "--text Other --missed skip --within 2h",
      { text: "Other", missed: "skip", within_ms: 7_200_000, next_at: "2026-11-21T07:00:00.000Z" },
    ],
  ])("gives a task %s", async (_, line, expected) => {
    const bed = await withTasks();
    const words = line
      .split(" ")
      .map((word) => (word === "america/new_york" ? word : word.replaceAll("_", " ")));
    await bed.ok(operator, "tasks", "update", "ta-team", ...words);
    expect(await row(bed, "ta-team")).toMatchObject({ status: "active", ...expected });
    expect(await row(bed, "ta-other")).toMatchObject({ text: "Read the news.", next_at: null });
  });

  test("sets the command and the lateness, and clears them", async () => {
    const bed = await withTasks();
    await bed.ok(operator, "tasks", "update", "ta-team", "--if", "test -s inbox", "--within", "2h");
    expect(await row(bed, "ta-team")).toMatchObject({ condition: "test -s inbox", within_ms: 7_200_000 });
    await bed.ok(operator, "tasks", "update", "ta-team", "--unset", "if,within");
    expect(await row(bed, "ta-team")).toMatchObject({ condition: null, within_ms: null });
  });

  test.each([
    {
      what: "a new command",
      words: ["--if", "test -s inbox"],
      after: [
        'First will run, where the agent runs: "test -s inbox"',
        "Only its exit code 0 wakes the agent, with its output. Nobody is asked before it runs.",
      ],
    },
    {
      what: "no command",
      words: ["--unset", "if"],
      after: ["No command will run first: each run will wake the agent."],
    },
  ])("shows a person the command of a task, and $what instead", async ({ words, after }) => {
    const bed = await withTasks();
    await set(bed, { condition: "test -s old" });
    expect(await bed.code(member, "tasks", "update", "ta-team", ...words)).toBe("approval-pending");
    const [held] = (await bed.ok(operator, "approvals", "list")) as readonly { consequence: unknown }[];
    expect(held?.consequence).toEqual([
      expect.stringMatching(/^The task ta-team/),
      "Runs: At 08:00 (Europe/Berlin).",
      ...conditionSaid("test -s old"),
      ...after,
    ]);
  });

  test("only shows the times of an interval in another timezone", async () => {
    const bed = await withTasks();
    const every = { kind: "every", every: 3_600_000, from: Date.parse("2026-11-20T07:30Z") };
    const next_at = "2026-11-20T08:30:00.000Z";
    await set(bed, { schedule: JSON.stringify({ ...every, zone: "UTC" }), next_at });
    await bed.ok(operator, "tasks", "update", "ta-team", "--timezone", "Asia/Tokyo");
    expect(await row(bed, "ta-team")).toMatchObject({
      schedule: JSON.stringify({ ...every, zone: "Asia/Tokyo" }),
      next_at,
    });
  });

  test("has no next time before one that has run, if the clock stepped back", async () => {
    const bed = await withTasks();
    await set(bed, { last_at: "2026-11-23T07:00:00.000Z" });
    await bed.ok(operator, "tasks", "update", "ta-team", "--cron", "30 9 * * *");
    expect(await row(bed, "ta-team")).toMatchObject({ next_at: "2026-11-23T08:30:00.000Z" });
    const once = await bed.ask(operator, "tasks", "update", "ta-team", "--at", "2026-11-22T08:00");
    expect(once).toMatchObject({
      code: "invalid-args",
      message: expect.stringMatching(/has run/) as unknown,
    });
  });

  test.each([
    ["ended", "active"],
    ["paused", "paused"],
  ])("leaves a task that is %s %s when it gets times", async (status, after) => {
    const bed = await withTasks();
    await set(bed, { status });
    await bed.ok(operator, "tasks", "update", "ta-team", "--text", "Other");
    expect(await row(bed, "ta-team")).toMatchObject({ status });
    await bed.ok(operator, "tasks", "update", "ta-team", "--every", "1d");
    expect(await row(bed, "ta-team")).toMatchObject({ status: after });
  });

  test.each<[string, Actor, readonly string[], RegExp]>([
    ["no change", operator, [], /^Nothing to change/],
    ["only --often", operator, ["--often"], /^Nothing to change/],
    ["an empty text", operator, ["--text", " "], /^--text is empty/],
    ["two schedules", operator, ["--every", "1d", "--at", "10:00"], /needs one of/],
    ["an unknown timezone", operator, ["--timezone", "Mars/Base"], /IANA name/],
    ["an interval of an agent below six hours", member, ["--every", "5h"], /--often/],
    ["an empty command", operator, ["--if", ""], /^--if is empty/],
    ["a value that cannot be cleared", operator, ["--unset", "text"], /^--unset knows within, if/],
    ["a value that is set and cleared", operator, ["--unset", "if", "--if", "true"], /or --unset if\.$/],
  ])("refuses %s", async (_, actor, words, says) => {
    const bed = await withTasks();
    const before = await rows(bed);
    expect(await bed.ask(actor, "tasks", "update", "ta-team", ...words)).toMatchObject({
      code: "invalid-args",
      message: expect.stringMatching(says) as unknown,
    });
    expect(await rows(bed)).toEqual(before);
  });

  test.each([
    { what: "keeps its command", words: ["--every", "5m"], code: "approval-pending" },
    { what: "has no command any more", words: ["--unset", "if"], code: "invalid-args" },
    { what: "has a new command", words: ["--if", "true", "--every", "5m"], code: "approval-pending" },
  ])("answers an agent with $code whose task of each minute $what", async ({ words, code }) => {
    const bed = await withTasks();
    await set(bed, {
      condition: "test -s inbox",
      schedule: '{"kind":"every","every":60000,"from":0,"zone":"UTC"}',
    });
    expect(await bed.code(member, "tasks", "update", "ta-team", ...words)).toBe(code);
  });

  test("shows a person the task and its new times, and waits", async () => {
    const bed = await withTasks();
    expect(await bed.code(member, "tasks", "update", "ta-team", "--every", "1d")).toBe("approval-pending");
    expect(await bed.ok(operator, "approvals", "list")).toMatchObject([
      {
        consequence: [
          'The task ta-team: "Read the news. Then tell me. Then tell me. Then tell me. Th…"',
          "Runs: At 08:00 (Europe/Berlin).",
          "Will run: every day.",
        ],
        preview: [expect.stringMatching(/^The next times: Sat 2026-11-21 09:00, Sun/)],
      },
    ]);
  });
});

describe("tasks pause", () => {
  test("an agent pauses at once, and the reason names it", async () => {
    const bed = await withTasks();
    await bed.ok(member, "tasks", "pause", "ta-team");
    expect(await row(bed, "ta-team")).toMatchObject({
      status: "paused",
      paused_because: "paused by agent:ag-team/se-team",
      next_at: "2026-11-21T07:00:00.000Z",
    });
  });

  test("keeps the first reason", async () => {
    const bed = await withTasks();
    await set(bed, { status: "paused", paused_because: "its last 8 runs failed" });
    await bed.ok(operator, "tasks", "pause", "ta-team");
    expect(await row(bed, "ta-team")).toMatchObject({ paused_because: "its last 8 runs failed" });
  });

  test("refuses a task that has ended, and one of another group", async () => {
    const bed = await withTasks();
    await set(bed, { status: "ended", next_at: null });
    expect(await bed.code(operator, "tasks", "pause", "ta-team")).toBe("invalid-args");
    expect(await bed.code(member, "tasks", "pause", "ta-other")).toBe("not-found");
    expect(await row(bed, "ta-other")).toMatchObject({ status: "active" });
  });
});

describe("tasks resume", () => {
  const paused = { status: "paused", paused_because: "its last 8 runs failed", failures: 8 };

  test("begins anew: no failures, and the next time after now", async () => {
    const bed = await withTasks();
    await set(bed, { ...paused, next_at: "2026-11-01T07:00:00.000Z", last_at: "2026-10-31T07:00:00.000Z" });
    await bed.ok(operator, "tasks", "resume", "ta-team");
    expect(await row(bed, "ta-team")).toMatchObject({
      status: "active",
      paused_because: null,
      failures: 0,
      next_at: "2026-11-21T07:00:00.000Z",
    });
  });

  test("runs no time again that has run, if the clock stepped back", async () => {
    const bed = await withTasks();
    await set(bed, { ...paused, last_at: "2026-11-23T07:00:00.000Z" });
    await bed.ok(operator, "tasks", "resume", "ta-team");
    expect(await row(bed, "ta-team")).toMatchObject({ next_at: "2026-11-24T07:00:00.000Z" });
  });

  test("shows a person what an agent resumes", async () => {
    const bed = await withTasks();
    await set(bed, paused);
    expect(await bed.code(member, "tasks", "resume", "ta-team")).toBe("approval-pending");
    const held = await bed.central.db.selectFrom("pending_approvals").select("consequence").execute();
    expect(held.map(({ consequence }) => JSON.parse(consequence ?? "null") as unknown)).toEqual([
      [
        'The task ta-team: "Read the news. Then tell me. Then tell me. Then tell me. Th…"',
        "Runs: At 08:00 (Europe/Berlin).",
      ],
    ]);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["one that is not paused", {}, /not paused/],
    ["one that has ended", { status: "ended" }, /has ended/],
    [
      "one whose only time has passed",
      { ...paused, schedule: `{"kind":"at","at":${Date.parse("2026-11-20T07:00Z")},"zone":"UTC"}` },
      /no time left/,
    ],
  ])("refuses %s", async (_, values, says) => {
    const bed = await withTasks();
    await set(bed, { text: "Hi", ...values });
    expect(await bed.ask(operator, "tasks", "resume", "ta-team")).toMatchObject({
      code: "invalid-args",
      message: expect.stringMatching(says) as unknown,
    });
  });
});

describe("tasks run", () => {
  const messages = ({ central: { db } }: Bed) =>
    db
      .selectFrom("session_messages_in as message")
      .innerJoin("sessions", "sessions.id", "message.session_id")
      .select(["message.id", "message.kind", "sessions.task_id"])
      .where("message.kind", "=", "task")
      .execute();

  test("gives the agent a message once, and leaves the times as they are", async () => {
    const bed = await withTasks();
    const before = await rows(bed);
    await bed.ok(operator, "tasks", "run", "ta-team");
    expect(await messages(bed)).toEqual([
      { id: expect.stringMatching(/^ta-team@2026-11-20T08:00/), kind: "task", task_id: "ta-team" },
    ]);
    expect(await rows(bed)).toEqual(before);
  });

  test("waits for a person if an agent asks, and runs once", async () => {
    const bed = await withTasks();
    const held = await bed.ask(member, "tasks", "run", "ta-team");
    const { approvalId = "" } = held.ok ? {} : held;
    expect(await messages(bed)).toEqual([]);
    await bed.ok(operator, "approvals", "approve", approvalId);
    expect(await messages(bed)).toHaveLength(1);
  });

  test("refuses a task whose group does not answer in its chat any more, and one of another group", async () => {
    const bed = await withTasks();
    expect(await bed.code(member, "tasks", "run", "ta-other")).toBe("not-found");
    await bed.central.db.deleteFrom("messaging_group_agents").execute();
    expect(await bed.code(operator, "tasks", "run", "ta-team")).toBe("invalid-args");
    expect(await messages(bed)).toEqual([]);
  });
});

describe("tasks delete", () => {
  const stops = ({ central: { db } }: Bed) =>
    db.selectFrom("intents").select("payload").where("kind", "=", "stop").execute();

  test("deletes its runs, and closes the session of its own, not that of its chat", async () => {
    const bed = await withTasks();
    const { db } = bed.central;
    const session = { agent_group_id: "ag-team", messaging_group_id: "mg-team", task_id: "ta-team" };
    await addRow(db, "sessions", { id: "se-task", ...session });
    await addRow(db, "task_runs", { task_id: "ta-team" });
    await bed.ok(member, "tasks", "delete", "ta-team");
    expect((await rows(bed)).map(({ id }) => id)).toEqual(["ta-other"]);
    expect(await db.selectFrom("task_runs").selectAll().execute()).toEqual([]);
    const payloads = (await stops(bed)).map(({ payload }) => JSON.parse(payload) as unknown);
    expect(payloads).toMatchObject([{ sessionIds: ["se-task"], groupId: "ag-team" }]);
  });

  test("lets an agent answer that deletes the task in whose run it is", async () => {
    const bed = await withTasks();
    await bed.central.db
      .updateTable("sessions")
      .set({ task_id: "ta-team" })
      .where("id", "=", "se-team")
      .execute();
    await bed.ok(member, "tasks", "delete", "ta-team");
    expect(await stops(bed)).toEqual([]);
  });

  test("finds no task of another group, for an agent", async () => {
    const bed = await withTasks();
    expect(await bed.code(member, "tasks", "delete", "ta-other")).toBe("not-found");
    expect(await rows(bed)).toHaveLength(2);
  });
});
