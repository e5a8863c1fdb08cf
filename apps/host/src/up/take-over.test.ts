import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { endHost, folderWithAna, logOfHost } from "./echo-group.fixture.ts";
import { spawnHost } from "./host.fixture.ts";

const slow = { tags: ["slow"] };
const { gatehouse } = inject("programs");

/** How often the host's log has an event. */
const count = (dataDir: string, event: string): number =>
  logOfHost(dataDir)
    .split("\n")
    .filter((line) => line.includes(`"${event}"`)).length;

test(
  "a host that takes over adopts the agent that works, whose answers come once, in order",
  slow,
  async () => {
    const dataDir = folderWithAna();
    const first = spawnHost(dataDir);
    await first.ready();
    const chat = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
    onTestFinished(() => void chat.kill("SIGKILL"));
    const [said, exited] = [text(chat.stdout), once(chat, "exit")];
    chat.stdin.end("/slow 1500\nhello\nstill there\n");
    await vi.waitFor(() => expect(count(dataDir, "message-taken")).toBeGreaterThan(0));
    const second = spawnHost(dataDir, ["--take-over"]);
    await second.ready();
    expect(await first.ended).toMatchObject({ code: 143 });
    expect((await exited) as unknown).toEqual([0, null]);
    expect((await said).split("\n").filter((line) => /hello|still/.test(line))).toEqual([
      "hello",
      "still there",
    ]);
    expect([count(dataDir, "container-started"), count(dataDir, "container-adopted")]).toEqual([1, 1]);
    await endHost(second);
  },
);

test("a host that takes over from none just starts", slow, async () => {
  const host = spawnHost(folderWithAna(), ["--take-over"]);
  await host.ready();
  await endHost(host);
});

test("without --take-over a second host is refused, and the first goes on", slow, async () => {
  const dataDir = folderWithAna();
  const first = spawnHost(dataDir);
  await first.ready();
  const second = await spawnHost(dataDir).ended;
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("host") as unknown });
  expect(first.child.exitCode).toBeNull();
  await endHost(first);
});
