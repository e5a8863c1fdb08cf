import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator } from "@gatehouse/dispatch/testing";

describe("sessions config", () => {
  test("prefers the session's provider to the group's, and shows the group's again after --unset", async () => {
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
      data: {
        provider: "echo",
        effective_provider: "echo",
        from: "session",
        not_applied: [],
        carried_over: expect.stringContaining("Any conversation with codex is kept") as unknown,
      },
    });
    const { data } = (await bed.ask(operator, "sessions", "get", "se-team")) as { data: object };
    expect(data).toMatchObject({ agent_provider: "echo" });
    expect(await config("update", "se-team", "--unset", "provider")).toMatchObject({
      data: { provider: null, effective_provider: "codex", from: "group" },
    });
  });

  test("saves a provider without a runner, and says that the provider has none", async () => {
    const bed = await hostBed();
    expect(
      await bed.ask(operator, "sessions", "config", "update", "se-team", "--provider", "pi"),
    ).toMatchObject({
      ok: true,
      data: {
        provider: "pi",
        not_applied: [{ field: "provider", reason: expect.stringContaining("no runner yet") }],
      },
    });
  });

  test.for([
    [],
    ["--provider", "skynet"],
    ["--provider", "echo", "--unset", "provider"],
    ["--model", "opus", "--unset", "model"],
    ["--unset", "effort"],
    ["--model", ""],
  ])("update refuses the flags %j", async (flags) => {
    const bed = await hostBed();
    const answer = await bed.ask(operator, "sessions", "config", "update", "se-team", ...flags);
    expect(answer).toMatchObject({ code: "invalid-args" });
  });

  test("saves a model for the provider that the session has after the change", async () => {
    const bed = await hostBed();
    const config = (...words: readonly string[]) => bed.ask(operator, "sessions", "config", ...words);
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--model", "sonnet");
    expect(await config("get", "se-team")).toMatchObject({
      data: { model: null, effective_model: "sonnet", model_from: "group" },
    });
    expect(await config("update", "se-team", "--model", "opus")).toMatchObject({
      data: { model: "opus", effective_model: "opus", model_from: "session", not_applied: [] },
    });
    // The group's provider changes, and the model was not given for that one.
    await bed.ok(
      operator,
      "groups",
      "config",
      "update",
      "ag-team",
      "--provider",
      "codex",
      "--unset",
      "model",
    );
    expect(await config("get", "se-team")).toMatchObject({
      data: {
        model: "opus",
        effective_provider: "codex",
        effective_model: null,
        model_from: "default",
        not_applied: [{ field: "model", reason: "It was given for another provider than codex." }],
      },
    });
    expect(await config("update", "se-team", "--model", "gpt-1", "--provider", "Claude")).toMatchObject({
      data: { effective_provider: "claude", effective_model: "gpt-1", model_from: "session" },
    });
    expect(await config("update", "se-team", "--unset", "provider,model")).toMatchObject({
      data: { provider: null, model: null, effective_provider: "codex", effective_model: null },
    });
    expect(await bed.ok(operator, "sessions", "get", "se-team")).toMatchObject({
      agent_provider: null,
      agent_model: null,
      agent_model_provider: null,
    });
  });

  test("names a model that the provider does not use", async () => {
    const bed = await hostBed();
    const flags = ["--provider", "echo", "--model", "opus"];
    expect(await bed.ask(operator, "sessions", "config", "update", "se-team", ...flags)).toMatchObject({
      data: { not_applied: [{ field: "model", reason: 'The provider "echo" does not use it.' }] },
    });
  });

  test("shows the person whose entry of users.yaml sets the provider", async () => {
    const bed = await hostBed();
    const { db } = bed.central;
    await addRow(db, "users", { id: "telegram:5" });
    const entry = JSON.stringify({ agent_backend: "codex", model: "gpt-2" });
    await addRow(db, "file_users", { user_id: "telegram:5", entry });
    await addRow(db, "messaging_groups", { id: "mg-5", platform_id: "5", user_id: "telegram:5" });
    await addRow(db, "sessions", { id: "se-5", agent_group_id: "ag-team", messaging_group_id: "mg-5" });
    expect(await bed.ok(operator, "sessions", "config", "get", "se-5")).toMatchObject({
      person: "telegram:5",
      from: "person",
      model_from: "person",
      effective_provider: "codex",
      effective_model: "gpt-2",
    });
  });

  test("asks the CLI of the provider after the change, and refuses an unknown model", async () => {
    const asked: string[] = [];
    const bed = await hostBed({
      checkModel: async (provider, { model }) => {
        asked.push(`${provider} ${model}`);
        const known = ["gpt-1"];
        const unknown = { field: "model", value: model ?? "", near: "gpt-1", known } as const;
        return {
          unknown: model === null || known.includes(model) ? [] : [unknown],
          notes: [],
          unasked: null,
        };
      },
    });
    const update = (...flags: readonly string[]) =>
      bed.ask(operator, "sessions", "config", "update", "se-team", ...flags);
    expect(await update("--provider", "codex", "--model", "gtp-1")).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining('The CLI of codex knows no model "gtp-1". Did you mean gpt-1?'),
    });
    expect(await update("--provider", "codex", "--model", "gpt-1")).toMatchObject({ ok: true });
    expect(await update("--model", "mine", "--yes")).toMatchObject({
      data: { model: "mine" },
      warnings: [expect.stringContaining('no model "mine"')],
    });
    expect(asked).toEqual(["codex gtp-1", "codex gpt-1", "codex mine"]);
  });

  test("forbids an agent within its group the session of another group", async () => {
    const bed = await hostBed();
    for (const line of ["get se-other", "update se-other --provider echo"])
      expect(await bed.code(member, "sessions", "config", ...line.split(" "))).not.toMatch(/ok|pending/);
  });
});
