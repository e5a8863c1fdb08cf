import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { beginSession, foreignReader, openAgentEnd, openHostEnd } from "./index.ts";

test("a session that is begun with values has them for its first container, and is an ordinary one", async () => {
  const root = mkdtempSync(join(tmpdir(), "begun-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = join(root, "ag-1", "se-1");
  const now = "2026-11-21T08:00:00.000Z";
  expect(await beginSession(folder, { "continuation:claude": "c-1" }, now)).toEqual({
    ok: true,
    value: null,
  });
  expect(statSync(join(folder, "out")).mode & 0o777).toBe(0o700);
  const reader = foreignReader();
  const host = openHostEnd({ folder, token: 1, reader });
  const identity = { sessionId: "se-1", groupId: "ag-1", groupName: "Ana", incarnation: 1, token: 1 };
  const routing = { channelType: null, platformId: null, threadId: null };
  const projected = await host.project({ identity, routing, destinations: [] });
  expect(projected).toMatchObject({ ok: true });
  const agent = openAgentEnd({ folder });
  onTestFinished(async () => {
    await agent.close();
    await host.close();
    await reader.close();
  });
  expect(await agent.get("continuation:claude")).toEqual({ ok: true, value: "c-1" });
  expect(await agent.set("continuation:claude", "c-2", now)).toMatchObject({ ok: true });
});
