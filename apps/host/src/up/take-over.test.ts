import { expect, test, vi } from "vitest";
import { endHost, folderWithAna, logOfHost, startChat } from "./echo-group.fixture.ts";
import { spawnHost } from "./host.fixture.ts";

const slow = { tags: ["slow"] };

/** How often the host's log has an event. */
const count = (dataDir: string, event: string): number =>
  logOfHost(dataDir)
    .split("\n")
    .filter((line) => line.includes(`"${event}"`)).length;

test(
  "a host that takes over adopts the agent that works, whose answers come once, in order",
  slow,
  async () => {
    const dataDir = await folderWithAna();
    const first = spawnHost(dataDir);
    await first.ready();
    const chat = startChat(dataDir, "/slow 1500\nhello\nstill there\n");
    await vi.waitFor(() => expect(count(dataDir, "message-taken")).toBeGreaterThan(0));
    const second = spawnHost(dataDir, ["--take-over"]);
    await second.ready();
    expect(await first.ended).toMatchObject({ code: 143 });
    expect(await chat.exitCode).toBe(0);
    expect(
      chat
        .out()
        .split("\n")
        .filter((line) => /hello|still/.test(line)),
    ).toEqual(["hello", "still there"]);
    expect([count(dataDir, "container-started"), count(dataDir, "container-adopted")]).toEqual([1, 1]);
    await endHost(second);
  },
);

test("a host that takes over from none just starts", slow, async () => {
  const host = spawnHost(await folderWithAna(), ["--take-over"]);
  await host.ready();
  await endHost(host);
});

test("without --take-over a second host is refused, and the first goes on", slow, async () => {
  const dataDir = await folderWithAna();
  const first = spawnHost(dataDir);
  await first.ready();
  const second = await spawnHost(dataDir).ended;
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("host") as unknown });
  expect(first.child.exitCode).toBeNull();
  await endHost(first);
});
