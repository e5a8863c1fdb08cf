import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { chatBed, filesIn, type ChatBed } from "./chat.fixture.ts";

/** Messages of Ana that wait, with two files each. */
const waiting = async (bed: ChatBed): Promise<readonly [string, string]> => {
  const ids = [randomUUID(), randomUUID()] as const;
  const row = { platform_id: "ana", direction: "in", user_id: "local:ana", from_name: "Ana", text: "t" };
  const rest = { ...row, in_reply_to: null, card: null, failed: 0, routed_at: null };
  const files = JSON.stringify(["a", "b"].map((name) => ({ name, size: 1 })));
  const at = new Date().toISOString();
  const rows = ids.map((id, index) => ({ id, seq: index + 1, ...rest, files, at }));
  await bed.central.db.insertInto("local_messages").values(rows).execute();
  return ids;
};

test("an older build's file that cannot be read is reported; none of its message are taken, all of others are", async () => {
  const bed = await chatBed();
  const [spoilt, good] = await waiting(bed);
  const incoming = join(bed.filesDir, "in");
  for (const id of [spoilt, good]) {
    mkdirSync(join(incoming, id), { recursive: true });
    writeFileSync(join(incoming, id, "0"), "x");
  }
  mkdirSync(join(incoming, spoilt, "1"));
  writeFileSync(join(incoming, good, "1"), "y");
  const channel = bed.open({ retryMs: 60_000 });
  onTestFinished(() => channel.close());
  await channel.start(() => Promise.reject(new Error("not now")));
  expect(await filesIn(bed, "chat-in")).toEqual([`${good}/0`, `${good}/1`]);
  expect(readdirSync(incoming)).toEqual([spoilt]);
  expect(bed.bugs.map(String)).toContainEqual(expect.stringContaining("EISDIR"));
});
