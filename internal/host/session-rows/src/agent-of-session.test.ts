import { describe, expect, test } from "vitest";
import { addRow, at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { agentOfSession } from "./agent-of-session.ts";

/** The session `se-p` in the chat of telegram:5, whose entry has a model. */
const prepared = async (session: object = {}, person: string | null = "telegram:5") => {
  const { db } = await openedCentral(temporaryFolder());
  await addRow(db, "agent_groups", { id: "ag-p", folder: "p" });
  await containerConfigStore(db, { now: () => at }).create("ag-p", { provider: "claude", model: "sonnet" });
  await addRow(db, "users", { id: "telegram:5" });
  await addRow(db, "file_users", { user_id: "telegram:5", entry: JSON.stringify({ model: "haiku" }) });
  await addRow(db, "messaging_groups", { id: "mg-p", platform_id: "5", user_id: person });
  const row = { id: "se-p", agent_group_id: "ag-p", messaging_group_id: "mg-p", ...session };
  await addRow(db, "sessions", row);
  return db;
};

const opus = { agent_model: "opus", agent_model_provider: "claude" };
const choice = (model: string, from: string) => ({
  provider: { value: "claude", from: "group" },
  model: { value: model, from },
});

type Case = {
  readonly says: string;
  readonly session: object;
  readonly person?: string | null;
  readonly model: string;
  readonly from: string;
};

describe("agentOfSession", () => {
  test.for<Case>([
    { says: "the session's own model", session: opus, model: "opus", from: "session" },
    { says: "the model of the chat's person", session: {}, model: "haiku", from: "person" },
    {
      says: "the group's model in a chat of no known person",
      session: {},
      person: null,
      model: "sonnet",
      from: "group",
    },
    {
      says: "the group's model in a chat of a person who is not in users.yaml",
      session: {},
      person: "telegram:6",
      model: "sonnet",
      from: "group",
    },
    {
      says: "the group's model in a session of several chats",
      session: { messaging_group_id: null },
      model: "sonnet",
      from: "group",
    },
  ])("reads $says", async ({ session, person, model, from }) => {
    const db = await prepared(session, person);
    expect((await agentOfSession(db, "se-p"))?.now).toEqual(choice(model, from));
  });

  test("replaces values of the session by those of the caller", async () => {
    const db = await prepared(opus);
    const agent = await agentOfSession(db, "se-p", { agent_provider: "codex" });
    expect(agent?.now).toEqual({
      provider: { value: "codex", from: "session" },
      model: { value: null, from: "default" },
    });
  });

  test("compares the choice with the one that the container started with", async () => {
    const started = choice("haiku", "person");
    const row = { container_agent: JSON.stringify(started), config_generation: 1 };
    const db = await prepared(row);
    expect(await agentOfSession(db, "se-p")).toMatchObject({
      started,
      hasAgentChanged: false,
      isSameConfig: true,
      userId: "telegram:5",
    });
    await db
      .updateTable("sessions")
      .set({ ...opus, config_generation: 0 })
      .execute();
    expect(await agentOfSession(db, "se-p")).toMatchObject({ hasAgentChanged: true, isSameConfig: false });
  });

  test("has nothing to compare before the first container, and is null without the session", async () => {
    const db = await prepared(opus);
    expect(await agentOfSession(db, "se-p")).toMatchObject({ started: null, hasAgentChanged: false });
    expect(await agentOfSession(db, "se-9")).toBeNull();
  });
});
