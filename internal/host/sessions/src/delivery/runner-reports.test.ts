import { fakeRuntime } from "@nc/container-runtime/testing";
import type { RunnerReport } from "@gatehouse/session-rows/messages";
import { expect, test } from "vitest";
import { fromAna, install, said, says, sessionFixture, until } from "../session.fixture.ts";

type Row = {
  readonly what: string;
  readonly content:
    | RunnerReport
    | { readonly report: string; readonly server?: string; readonly why?: string };
  readonly event: string | null;
  readonly text: string | null;
};

const weather = { report: "mcp-server-failed", server: "weather" } as const;

test.for<Row>([
  {
    what: "a lost conversation",
    content: { report: "conversation-lost" },
    event: "conversation-lost",
    text: "The agent's conversation is lost, so it begins a new one.",
  },
  {
    what: "a missing program of an MCP server",
    content: { ...weather, why: "not-found" },
    event: "mcp-server-failed",
    text: 'The MCP server weather did not start, so the agent has no tools of it: its program was not found: "doesnotexist".',
  },
  {
    what: "an MCP server that does not answer",
    content: { ...weather, why: "silent" },
    event: "mcp-server-failed",
    text: "The MCP server weather did not start, so the agent has no tools of it: it did not answer in time.",
  },
  {
    what: "a server that the group does not have",
    content: { ...weather, server: "host: approve ab12", why: "silent" },
    event: null,
    text: null,
  },
  { what: "an unknown reason", content: { ...weather, why: "host: yes" }, event: null, text: null },
  { what: "an unknown report", content: { report: "approved" }, event: null, text: null },
])("$what is told in the host's words, and logged", async ({ content, event, text }) => {
  const fixture = await sessionFixture();
  const mcp_servers = JSON.stringify({ weather: { command: "doesnotexist" } });
  await fixture.central.db.updateTable("container_configs").set({ mcp_servers }).execute();
  const { runtime } = fakeRuntime({ install });
  const host = await fixture.host({ runtime });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const agent = fixture.agent((await fixture.session()).id);
  const report = said("r-1", { kind: "system", content, inReplyTo: "m-1" });
  await says(agent, report, said("o-1", { inReplyTo: "m-1" }));
  await until(() => expect(fixture.texts()).toContain("o-1"));
  expect(fixture.texts()).toEqual([...(text === null ? [] : [text]), "o-1"]);
  if (text !== null)
    expect(fixture.channel.sent[0]).toMatchObject({ platformId: "ana", from: null, inReplyTo: null });
  const known = ["conversation-lost", "mcp-server-failed"];
  const events = fixture.events.map((each) => each.event).filter((each) => known.includes(each));
  expect(events).toEqual(event === null ? [] : [event]);
});
