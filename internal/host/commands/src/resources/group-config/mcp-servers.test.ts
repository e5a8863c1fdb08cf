import type { Json } from "@nc/cli-scope";
import { describe, expect, test, vi } from "vitest";
import { hostBed, member, operator, person, type Bed } from "@gatehouse/dispatch/testing";

/** A host whose sessions run. `asked` are the payloads of its restarts. */
const running = async (): Promise<{ readonly bed: Bed; readonly asked: readonly Json[] }> => {
  const asked: Json[] = [];
  const restart = async (payload: Json) => {
    asked.push(payload);
    return { ok: true, value: { data: { restarted: 1 } } } as const;
  };
  const bed = await hostBed({ handlers: { restart } });
  bed.host.intents.start();
  await bed.central.db.updateTable("sessions").set({ container_status: "running" }).execute();
  return { bed, asked };
};

const add = ["groups", "config", "add-mcp-server", "ag-team", "--name", "tools"] as const;
const url = ["--url", "https://tools.example/mcp"] as const;

const serversOf = async ({ ok }: Bed): Promise<string> =>
  JSON.stringify(await ok(operator, "groups", "config", "get", "ag-team"));

describe("groups config add-mcp-server --restart", () => {
  test("saves the server, and restarts the group's sessions with a message", async () => {
    const { bed, asked } = await running();
    expect(await bed.ok(operator, ...add, ...url, "--restart")).toMatchObject({ restarting: 1 });
    expect(await serversOf(bed)).toContain("tools.example");
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked).toMatchObject([
      {
        sessionIds: ["se-team"],
        groupId: "ag-team",
        message: expect.stringContaining("The MCP server tools is there now."),
      },
    ]);
  });

  test("an agent's request restarts its own session once a person has approved it", async () => {
    const { bed, asked } = await running();
    const answer = await bed.ask(member, ...add, ...url, "--restart");
    expect(answer).toMatchObject({ code: "approval-pending" });
    expect(await serversOf(bed)).not.toContain("tools.example");
    const id = answer.ok ? "" : (answer.approvalId ?? "");
    await bed.ok(person("owner"), "approvals", "approve", id);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked).toMatchObject([{ sessionIds: ["se-team"] }]);
    expect(await serversOf(bed)).toContain("tools.example");
  });

  test.each([
    {
      what: "a server that cannot be saved",
      flags: ["--url", "ftp://tools.example", "--restart"],
      code: "invalid-args",
    },
    { what: "a server without the flag", flags: [...url], code: "ok" },
    {
      what: "a change of another generation",
      flags: [...url, "--restart", "--if-generation", "99"],
      code: "handler-error",
    },
  ])("$what causes no restart: $code", async ({ flags, code }) => {
    const { bed, asked } = await running();
    expect(await bed.code(operator, ...add, ...flags)).toBe(code);
    const intents = await bed.central.db.selectFrom("intents").select("kind").execute();
    expect([intents, asked]).toEqual([[], []]);
  });
});

const rss = ["groups", "config", "add-mcp-server", "ag-team", "--name", "rss", "--command", "rss"] as const;
const named = ["--secret-env", '{"TOKEN":"RSS_TOKEN"}'] as const;

/** A host that has only the secret KNOWN. */
const withSecrets = (): Promise<Bed> =>
  hostBed({ missingSecrets: async (_group, names) => names.filter((name) => name !== "KNOWN") });

describe("groups config add-mcp-server with secrets of the host", () => {
  test("the names of secrets are saved, and config get, history and diff show them", async () => {
    const { ok } = await withSecrets();
    const saved = await ok(operator, ...rss, ...named, "--env", '{"PLAIN":"hush"}');
    const server = { command: "rss", env: { PLAIN: "(hidden)" }, secretEnv: { TOKEN: "RSS_TOKEN" } };
    expect(saved).toMatchObject({ mcp_servers: { rss: server } });
    const shown = [
      await ok(operator, "groups", "config", "get", "ag-team"),
      await ok(operator, "groups", "config", "diff", "ag-team", "--from", "1"),
    ];
    for (const one of shown) expect(JSON.stringify(one)).toContain('"secretEnv":{"TOKEN":"RSS_TOKEN"}');
    expect(JSON.stringify(shown)).not.toContain("hush");
  });

  test("warns of each secret that the host does not have, with the command that sets it", async () => {
    const { ask } = await withSecrets();
    const headers = ["--secret-headers", '{"Authorization":"TOOLS_AUTH","X-Id":"KNOWN"}'] as const;
    const answer = await ask(operator, ...add, ...url, ...headers);
    expect(answer).toMatchObject({
      ok: true,
      warnings: [
        "This host has no secret TOOLS_AUTH for ag-team. Until there is one, agents start without the MCP server tools: gatehouse secrets set TOOLS_AUTH --group ag-team",
      ],
    });
  });

  test("shows the approver the names of secrets, and every value that the agent typed", async () => {
    const { ask, ok } = await withSecrets();
    const asked = await ask(member, ...rss, ...named, "--env", '{"PLAIN":"hush"}', "--reason", "news");
    expect(asked).toMatchObject({ code: "approval-pending" });
    const id = asked.ok ? "" : (asked.approvalId ?? "");
    const card = JSON.stringify(await ok(person("owner"), "approvals", "get", id));
    expect(card).toContain("RSS_TOKEN");
    expect(card).toContain("PLAIN");
    expect(card).toContain("hush");
  });

  test.each([
    {
      what: "a provider's name",
      flags: ["--secret-env", '{"KEY":"anthropic"}'],
      says: "--secret-env KEY is not",
    },
    {
      what: "a variable that has a value",
      flags: [...named, "--env", '{"TOKEN":"v"}'],
      says: "--secret-env TOKEN",
    },
    {
      what: "headers of a program",
      flags: ["--secret-headers", '{"A":"B"}'],
      says: "secretHeaders are of no use",
    },
  ])("refuses $what", async ({ flags, says }) => {
    const { ask } = await withSecrets();
    expect(await ask(operator, ...rss, ...flags)).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining(says) as unknown,
    });
  });
});
