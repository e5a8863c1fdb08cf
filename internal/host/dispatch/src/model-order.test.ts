import { dispatch, type ResponseFrame } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { hostBed, operator } from "./host.fixture.ts";
import { modelOrder } from "./model-order.ts";

/** A host with an owner, an admin of `ag-team`, and a person without a role. */
const orders = async () => {
  const known = ["opus", "sonnet"];
  const bed = await hostBed({
    checkModel: async (_provider, { model }) => ({
      unknown:
        model === null || known.includes(model)
          ? []
          : [{ field: "model", value: model, near: "opus", known }],
      notes: [],
      unasked: null,
    }),
  });
  const ask = (frame: unknown): Promise<ResponseFrame> => dispatch(frame, operator, bed.host);
  const says = (text: string, userId = "telegram:owner", sessionId: string | null = "se-team") =>
    modelOrder({ db: bed.central.db, ask })({
      words: text.split(" ").slice(1),
      userId,
      groupId: "ag-team",
      makeSession: async () => sessionId,
    });
  const own = async () => {
    const { agent_model: model } = (await bed.ok(operator, "sessions", "get", "se-team")) as Row;
    return model;
  };
  return { bed, says, own };
};

type Row = { readonly agent_model: string | null };

describe("/model", () => {
  test("/model shows the model in force, and where it was set", async () => {
    const { bed, says } = await orders();
    expect((await says("/model")).text).toContain("Model: chosen by claude (the default).\nProvider: claude");
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--model", "sonnet");
    expect(await says("/model", "telegram:stranger")).toEqual({
      text: [
        "Model: sonnet (set for the group).",
        "Provider: claude (the default).",
        "/model shows the model, /model NAME sets it for this conversation, /model default takes that back.",
      ].join("\n"),
      failed: false,
    });
  });

  test("/model NAME sets the model of this conversation only, and /model default clears it", async () => {
    const { bed, says, own } = await orders();
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--model", "sonnet");
    expect(await says("/model opus")).toEqual({
      text: [
        "Model: opus (set for this conversation).",
        "Provider: claude (the default).",
        "The agent takes it as soon as it has nothing in work.",
      ].join("\n"),
      failed: false,
    });
    expect(await own()).toBe("opus");
    expect((await says("/Model Default")).text).toContain("Model: sonnet (set for the group).");
    expect(await own()).toBeNull();
    const group = await bed.ok(operator, "groups", "config", "get", "ag-team");
    expect(group).toMatchObject({ model: "sonnet", generation: 2 });
  });

  test.for([
    { who: "telegram:owner", text: "/model opus", model: "opus" },
    { who: "telegram:admin", text: "/model opus", model: "opus" },
    { who: "telegram:stranger", text: "/model opus", model: null },
    { who: "telegram:nobody", text: "/model opus", model: null },
  ])("/model opus of $who leaves the session with the model $model", async ({ who, text, model }) => {
    const { says, own } = await orders();
    const { failed, text: answer } = await says(text, who);
    expect(await own()).toBe(model);
    expect(failed).toBe(model === null);
    if (failed) expect(answer).toContain("the owners, and the admins of the agent's group");
  });

  test("/model default of a person without the right clears no model", async () => {
    const { says, own } = await orders();
    await says("/model opus");
    expect(await says("/model default", "telegram:stranger")).toMatchObject({ failed: true });
    expect(await own()).toBe("opus");
  });

  test("/model refuses a name that the CLI does not know, and saves it with --yes", async () => {
    const { says, own } = await orders();
    const refused = await says("/model opsu");
    expect(refused).toMatchObject({ failed: true, text: expect.stringContaining("Did you mean opus?") });
    expect(refused.text).toContain("add --yes");
    expect(await own()).toBeNull();
    const saved = await says("/model mine --yes");
    expect(saved).toMatchObject({ failed: false, text: expect.stringContaining('no model "mine"') });
    expect(await own()).toBe("mine");
  });

  test.for(["/model opus now", "/model --yes", "/model -x"])(
    "%s is answered with the usage",
    async (text) => {
      const { says, own } = await orders();
      expect(await says(text)).toMatchObject({ failed: true, text: expect.stringContaining("/model NAME") });
      expect(await own()).toBeNull();
    },
  );

  test("/model says that a model has no effect with this provider", async () => {
    const { bed, says } = await orders();
    await bed.ok(operator, "sessions", "config", "update", "se-team", "--provider", "echo");
    expect((await says("/model opus")).text).toContain(
      'The model has no effect. The provider "echo" does not use it.',
    );
  });

  test("/model in a deleted session is refused", async () => {
    const { says } = await orders();
    expect(await says("/model", "telegram:owner", "se-9")).toMatchObject({ failed: true });
    expect(await says("/model opus", "telegram:owner", null)).toMatchObject({ failed: true });
  });
});
