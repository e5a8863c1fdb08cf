import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, inject, test } from "vitest";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { fromAna, install, said, says, sessionBed, until } from "./session-bed.fixture.ts";
import { unansweredMessages } from "./unanswered-messages.ts";

test("messages that no agent has answered are counted beside a host that runs, a file of others is said", async () => {
  const bed = await sessionBed();
  const { central, dataDir } = bed;
  const program = [process.execPath, inject("programs")["foreign-child"]] as const;
  const count = () =>
    unansweredMessages(central.db, join(dataDir, "sessions"), { program, deadlineMs: 20_000 });
  expect(await count()).toEqual({ count: 0, oldest: null, unread: 0, unreadable: [] });
  const host = await bed.host({ runtime: fakeRuntime({ install }).runtime });
  const at = "2026-11-20T08:00:00.000Z";
  await host.take(fromAna("m-1", "hello", { at }));
  await host.take(fromAna("m-2", "and again"));
  await until(async () => expect(await count()).toMatchObject({ count: 2, oldest: at, unread: 0 }));
  const { id } = await bed.session();
  const outbound = join(bed.folderOf(id), "out", "outbound.db");
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  await says(bed.agent(id), said("o-1"));
  expect(await count()).toMatchObject({ count: 2, unreadable: [] });
  truncateSync(outbound, 600 * 2 ** 20);
  expect(await count()).toMatchObject({
    count: 2,
    unreadable: [
      {
        session: id,
        reason: `${outbound}: too-large: it has 629145600 bytes, 536870912 are allowed`,
        fix: expect.stringContaining(`ncl sessions close ${id}`) as unknown,
      },
    ],
  });
  await host.close();
  const inbound = join(bed.folderOf(id), "in", "inbound.db");
  rmSync(inbound);
  writeFileSync(inbound, "no database".repeat(100));
  expect(await count()).toMatchObject({ count: 0, oldest: null, unread: 1 });
});
