import { dispatch, type AgentActor } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { frameOf, hostBed, member, operator, person, type Bed } from "@gatehouse/dispatch/testing";

const config = (bed: Bed, ...line: readonly string[]) => bed.ask(operator, "groups", "config", ...line);

type Told = { readonly generation: number; readonly actor: string | null; readonly reason: string | null };

const historyOf = async (bed: Bed, id: string, ...flags: readonly string[]) => {
  const data = await bed.ok(operator, "groups", "config", "history", id, ...flags);
  return (data as readonly Told[]).map(({ generation, actor, reason }) => [generation, actor, reason]);
};

const humanOf = async (bed: Bed, ...line: readonly string[]): Promise<readonly string[]> => {
  const frame = await dispatch(frameOf(["groups", "config", "history", ...line]), operator, bed.host);
  if (!frame.ok) expect.fail(frame.error.message);
  return frame.human?.split("\n") ?? [];
};

const heldId = async (bed: Bed, agent: AgentActor, ...argv: readonly string[]): Promise<string> => {
  const answer = await bed.ask(agent, "groups", "config", ...argv);
  if (answer.ok || answer.approvalId === undefined) expect.fail(JSON.stringify(answer));
  return answer.approvalId;
};

describe("groups config history", () => {
  test("shows the author, the reason and the changed fields of each generation", async () => {
    const bed = await hostBed();
    const { id } = (await bed.ok(operator, "groups", "create", "--name", "New", "--folder", "new")) as {
      readonly id: string;
    };
    await config(bed, "update", id, "--model", "opus", "--effort", "high", "--reason", "harder questions");
    await config(bed, "add-package", id, "--apt", "jq");
    await config(bed, "remove-package", id, "--apt", "jq", "--reason", "not needed");
    await config(bed, "add-mcp-server", id, "--name", "rss", "--command", "npx", "--reason", "news");
    await config(bed, "remove-mcp-server", id, "--name", "rss");
    await config(bed, "rollback", id, "--to", "1");
    const at = /^(\d+) {2}2026-11-20T08:00:\d\d\.\d{3}Z {2}/;
    expect((await humanOf(bed, id)).map((line) => line.replace(at, "$1 "))).toEqual([
      "7 host rolled back model, effort: back to generation 1",
      "6 host changed mcp_servers",
      "5 host changed mcp_servers: news",
      "4 host changed packages_apt: not needed",
      "3 host changed packages_apt",
      "2 host changed model, effort: harder questions",
      "1 host created it",
    ]);
    expect(await historyOf(bed, id, "--limit", "2")).toEqual([
      [7, "host", "back to generation 1"],
      [6, "host", null],
    ]);
  });

  test("names the agent as author of an approved command, and the person who approved the command", async () => {
    const bed = await hostBed();
    const first = await heldId(bed, member, "update", "--model", "opus", "--reason", "more to think about");
    await bed.ok(person("owner"), "approvals", "approve", first);
    const second = await heldId(bed, member, "rollback", "--to", "1");
    await bed.ok(operator, "approvals", "approve", second);
    const agent = "agent:ag-team/se-team";
    expect(await historyOf(bed, "ag-team")).toEqual([
      [3, agent, `back to generation 1; approved by host (${second})`],
      [2, agent, `more to think about; approved by user:telegram:owner (${first})`],
      [1, null, null],
    ]);
    expect((await humanOf(bed, "ag-team")).at(-1)).toMatch(
      / unknown created it with cli_scope$|unknown created it$/,
    );
  });

  test.each([
    { line: ["update", "--model", "opus"] },
    { line: ["add-package", "--apt", "jq"] },
    { line: ["remove-package", "--apt", "jq"] },
    { line: ["add-mcp-server", "--name", "rss", "--command", "npx"] },
    { line: ["remove-mcp-server", "--name", "rss"] },
    { line: ["rollback", "--to", "1"] },
  ])("refuses $line with an invalid --reason without asking a person", async ({ line }) => {
    const bed = await hostBed();
    expect(await bed.ask(member, "groups", "config", ...line, "--reason", "a\nb")).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining("--reason has a control character or a line break"),
      approvalId: undefined,
    });
  });

  test("refuses a mount with a --reason that is too long", async () => {
    const bed = await hostBed();
    for (const line of [
      ["add-mount", "ag-team", "--host", "/srv", "--container", "x"],
      ["remove-mount", "ag-team", "--container", "x"],
    ])
      expect(await config(bed, ...line, "--reason", "x".repeat(501))).toMatchObject({
        code: "invalid-args",
        message: expect.stringContaining("--reason has more than 500 characters"),
      });
  });
});

test("a full history keeps generations that containers run with, and still reports their drift", async () => {
  const bed = await hostBed();
  const { db } = bed.central;
  const started = (config_generation: number, container_status: string) =>
    db
      .updateTable("sessions")
      .set({ config_generation, container_status })
      .where("id", "=", "se-team")
      .execute();
  await config(bed, "update", "ag-team", "--model", "opus");
  await started(2, "running");
  for (let count = 0; count < 210; count += 1)
    await config(bed, "update", "ag-team", "--pids", String(100 + count));
  const generations = async () =>
    (await historyOf(bed, "ag-team", "--limit", "1000")).map(([number]) => number);
  expect(await generations()).toEqual([...Array.from({ length: 200 }, (_, index) => 212 - index), 2]);
  expect(await config(bed, "get", "ag-team")).toMatchObject({
    data: { behind: [{ generation: 2, fields: ["pids"], needs: "restart" }] },
  });
  expect(await config(bed, "rollback", "ag-team", "--to", "3")).toMatchObject({
    code: "not-found",
    message: expect.stringContaining("Generation 3 of the configuration of ag-team is no longer kept"),
  });
  await started(212, "stopped");
  await config(bed, "update", "ag-team", "--pids", "99");
  expect((await generations()).at(-1)).toBe(14);
});
