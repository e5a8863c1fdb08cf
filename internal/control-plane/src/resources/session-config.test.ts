import { describe, expect, test } from "vitest";
import { hostBed, member, operator } from "../dispatch/host.fixture.ts";

describe("sessions config", () => {
  test("shows the session's provider before its group's, and the group's again once it is cleared", async () => {
    const bed = await hostBed();
    const config = (...words: readonly string[]) => bed.ask(operator, "sessions", "config", ...words);
    expect(await config("get", "se-team")).toMatchObject({
      data: { provider: null, effective_provider: "claude", from: "default" },
    });
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--provider", "codex");
    expect(await config("get", "se-team")).toMatchObject({
      data: { effective_provider: "codex", from: "group" },
    });
    expect(await config("update", "se-team", "--provider", "Echo")).toMatchObject({
      data: { provider: "echo", effective_provider: "echo", from: "session", not_applied: [] },
    });
    const { data } = (await bed.ask(operator, "sessions", "get", "se-team")) as { data: object };
    expect(data).toMatchObject({ agent_provider: "echo" });
    expect(await config("update", "se-team", "--unset", "provider")).toMatchObject({
      data: { provider: null, effective_provider: "codex", from: "group" },
    });
  });

  test("saves a provider without a runner, and says so", async () => {
    const bed = await hostBed();
    expect(
      await bed.ask(operator, "sessions", "config", "update", "se-team", "--provider", "gemini"),
    ).toMatchObject({
      ok: true,
      data: {
        provider: "gemini",
        not_applied: [{ field: "provider", reason: expect.stringContaining("no runner yet") }],
      },
    });
  });

  test.for([
    [],
    ["--provider", "skynet"],
    ["--provider", "echo", "--unset", "provider"],
    ["--unset", "model"],
  ])("refuses %j", async (flags) => {
    const bed = await hostBed();
    const answer = await bed.ask(operator, "sessions", "config", "update", "se-team", ...flags);
    expect(answer).toMatchObject({ code: "invalid-args" });
  });

  test("of another group's session is closed to an agent within its group", async () => {
    const bed = await hostBed();
    for (const line of ["get se-other", "update se-other --provider echo"])
      expect(await bed.code(member, "sessions", "config", ...line.split(" "))).not.toMatch(/ok|pending/);
  });
});
