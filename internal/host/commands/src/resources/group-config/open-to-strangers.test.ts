import { describe, expect, test } from "vitest";
import { hostBed, operator, steward, type Bed } from "@gatehouse/dispatch/testing";
import { addRow } from "@gatehouse/central-database/testing";

/** A chat in which strangers may write, and a chat in which they are dropped. The agent of `ag-home` is global. */
const prepared = async (): Promise<Bed> => {
  const bed = await hostBed();
  const { db } = bed.central;
  const chat = (id: string, unknown_sender_policy: string) =>
    addRow(db, "messaging_groups", { id, platform_id: `telegram:${id}`, is_group: 1, unknown_sender_policy });
  await chat("mg-open", "public");
  await chat("mg-closed", "strict");
  return bed;
};

const wire = (chat: string, group: string, ...flags: readonly string[]): readonly string[] => [
  ...["wirings", "create", "--messaging-group-id", chat, "--agent-group-id", group],
  ...["--engage-mode", "mention", ...flags],
];

/** Runs commands that must succeed. Returns the id of the row that the last one has made. */
const run = async ({ ok }: Bed, ...lines: readonly (readonly string[])[]): Promise<string> => {
  let id = "";
  for (const line of lines) id = String(((await ok(operator, ...line)) as { readonly id?: string }).id);
  return id;
};

describe("a change by which strangers could write to an agent of scope global", () => {
  test.each([
    { what: "a wiring of an open chat", line: wire("mg-open", "ag-home") },
    { what: "a wiring for all senders", line: wire("mg-open", "ag-home", "--sender-scope", "all") },
  ])("$what is refused without --yes, and an agent's card says it", async ({ line }) => {
    const bed = await prepared();
    const answer = await bed.ask(operator, ...line);
    expect(answer).toMatchObject({ code: "invalid-args", message: expect.stringContaining("add --yes") });
    expect(await bed.code(steward, ...line)).toBe("approval-pending");
    const asked = bed.central.db.selectFrom("pending_approvals").select("consequence");
    expect((await asked.executeTakeFirstOrThrow()).consequence).toContain("strangers could write to it");
    expect(await bed.code(operator, ...line, "--yes")).toBe("ok");
  });

  test("opening a chat is refused without --yes", async () => {
    const bed = await prepared();
    await run(bed, wire("mg-closed", "ag-home"));
    const open = ["messaging-groups", "update", "mg-closed", "--unknown-sender-policy", "public"];
    expect(await bed.code(operator, ...open)).toBe("invalid-args");
    expect(await bed.code(operator, ...open, "--yes")).toBe("ok");
  });

  test("opening a wiring is refused without --yes", async () => {
    const bed = await prepared();
    const id = await run(bed, wire("mg-open", "ag-home", "--sender-scope", "known"));
    const open = ["wirings", "update", id, "--sender-scope", "all"];
    expect(await bed.code(operator, ...open)).toBe("invalid-args");
    expect(await bed.code(operator, ...open, "--yes")).toBe("ok");
  });

  test("a rollback that restores the scope is refused without --yes", async () => {
    const bed = await prepared();
    const config = ["groups", "config"] as const;
    await run(bed, [...config, "update", "ag-other", "--cli-scope", "global"]);
    const { generation } = (await bed.ok(operator, ...config, "get", "ag-other")) as { generation: number };
    await run(bed, [...config, "update", "ag-other", "--cli-scope", "group"], wire("mg-open", "ag-other"));
    const back = [...config, "rollback", "ag-other", "--to", String(generation)];
    expect(await bed.code(operator, ...back)).toBe("invalid-args");
    expect(await bed.code(operator, ...back, "--yes")).toBe("ok");
  });

  test("giving an agent the scope is refused without --yes", async () => {
    const bed = await prepared();
    await run(bed, wire("mg-open", "ag-other"));
    const widen = ["groups", "config", "update", "ag-other", "--cli-scope", "global"];
    expect(await bed.code(operator, ...widen)).toBe("invalid-args");
    expect(await bed.code(operator, ...widen, "--yes")).toBe("ok");
  });
});

test.each([
  { what: "a wiring of an agent of scope group", lines: [wire("mg-open", "ag-other")] },
  { what: "a wiring of a chat without strangers", lines: [wire("mg-closed", "ag-home")] },
  { what: "a wiring for known senders", lines: [wire("mg-open", "ag-home", "--sender-scope", "known")] },
  {
    what: "opening a chat of another group",
    lines: [
      wire("mg-open", "ag-other"),
      ["groups", "config", "update", "ag-home", "--cli-scope", "global"],
      ["messaging-groups", "update", "mg-open", "--unknown-sender-policy", "public"],
    ],
  },
  {
    what: "another change of a chat that is already open",
    lines: [
      wire("mg-open", "ag-home", "--yes"),
      ["groups", "config", "update", "ag-home", "--model", "opus"],
      ["messaging-groups", "update", "mg-open", "--name", "Open"],
    ],
  },
])("$what needs no --yes", async ({ lines }) => {
  await run(await prepared(), ...lines);
});
