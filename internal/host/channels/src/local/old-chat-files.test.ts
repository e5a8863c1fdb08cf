import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { chatFixture, filesIn, type ChatFixture } from "./chat.fixture.ts";

/** Waiting messages of Ana, with two files each. */
const waiting = async (fixture: ChatFixture): Promise<readonly [string, string]> => {
  const ids = [randomUUID(), randomUUID()] as const;
  const row = { platform_id: "ana", direction: "in", user_id: "local:ana", from_name: "Ana", text: "t" };
  const rest = { ...row, in_reply_to: null, card: null, failed: 0, routed_at: null };
  const files = JSON.stringify(["a", "b"].map((name) => ({ name, size: 1 })));
  const at = new Date().toISOString();
  const rows = ids.map((id, index) => ({ id, seq: index + 1, ...rest, files, at }));
  await fixture.central.db.insertInto("local_messages").values(rows).execute();
  return ids;
};

test("an unreadable file of an older build is reported; none of its message's files are moved, all others are", async () => {
  const fixture = await chatFixture();
  const [spoilt, good] = await waiting(fixture);
  const incoming = join(fixture.filesDir, "in");
  for (const id of [spoilt, good]) {
    mkdirSync(join(incoming, id), { recursive: true });
    writeFileSync(join(incoming, id, "0"), "x");
  }
  mkdirSync(join(incoming, spoilt, "1"));
  writeFileSync(join(incoming, good, "1"), "y");
  const channel = fixture.open({ retryMs: 60_000 });
  onTestFinished(() => channel.close());
  await channel.start(() => Promise.reject(new Error("not now")));
  expect(await filesIn(fixture, "chat-in")).toEqual([`${good}/0`, `${good}/1`]);
  expect(readdirSync(incoming)).toEqual([spoilt]);
  expect(fixture.bugs.map(String)).toContainEqual(expect.stringContaining("EISDIR"));
});
