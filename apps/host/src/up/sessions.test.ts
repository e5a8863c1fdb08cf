import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type ProcessRecord, stateOf } from "@gatehouse/processes/records";
import { expect, inject, test, vi } from "vitest";
import { printedBy } from "../ran-cli.fixture.ts";
import type { StartedChat } from "../chat/started-chat.fixture.ts";
import { folderWithAna, startChat } from "./echo-group.fixture.ts";
import { spawnHost } from "./host.fixture.ts";
import { run } from "./run.fixture.ts";

const slow = { tags: ["slow"] };
const { ncl } = inject("programs");

const log = (dataDir: string): Promise<string> => printedBy(dataDir, "logs", "-n", "1000");

test("an answer arrives once if the host is killed while the agent works on it", slow, async () => {
  const dataDir = await folderWithAna();
  const first = spawnHost(dataDir);
  await first.ready();
  const chat = startChat(dataDir, "/slow 1500\nhello\n");
  await vi.waitFor(async () => expect(await log(dataDir)).toMatch(/ container-started /));
  first.child.kill("SIGKILL");
  await first.ended;
  const status = async (): Promise<unknown> => JSON.parse(await printedBy(dataDir, "status", "--json"));
  const containers = { runtime: { name: "process", running: 1 }, unowned: [], gone: [] };
  expect(await status()).toMatchObject({
    ok: true,
    host: { running: false },
    groups: 1,
    sessions: { running: 1 },
    containers,
  });
  const second = spawnHost(dataDir);
  await second.ready();
  expect(await chat.exitCode).toBe(0);
  expect(
    chat
      .out()
      .split("\n")
      .filter((line) => line === "hello"),
  ).toEqual(["hello"]);
  expect(await status()).toMatchObject({ host: { running: true, pid: second.child.pid } });
  second.child.kill("SIGTERM");
  await second.ended;
  expect(await status()).toMatchObject({ host: { running: false }, sessions: { running: 0 } });
  const story = await log(dataDir);
  expect(story.match(/ host-started /g)).toHaveLength(2);
  expect(story).toMatch(/ message-delivered /);
  expect(story).toMatch(/ container-ended [^]* host-stopped/);
});

/** Starts a host whose group Ana answers with echo. */
const hostOfAna = async () => {
  const dataDir = await folderWithAna();
  const host = spawnHost(dataDir);
  await host.ready();
  const ask = (...args: readonly string[]): string => run(ncl, ...args, "--socket", host.socket);
  /** Starts a chat in a pipe, with an agent that is busy for a minute. */
  const waits = (group: string): StartedChat => startChat(dataDir, "/slow 60000\n", group);
  const isTaken = (count: number) =>
    vi.waitFor(async () => expect((await log(dataDir)).match(/ message-taken /g)).toHaveLength(count));
  return { dataDir, host, ask, waits, isTaken };
};

const closings = [
  { how: "sessions close", reason: "closed by ncl" },
  { how: "groups delete", reason: "its group was deleted" },
  { how: "messaging-groups delete", reason: "its messaging group was deleted" },
] as const;

test.for(closings)("chat in a pipe ends with the reason if $how ends its session", slow, async (closing) => {
  const { ask, waits, isTaken } = await hostOfAna();
  // The agent works on one of the messages, and the other one is queued.
  const chats = [waits("ana"), waits("ana")];
  await isTaken(2);
  const [resource = "", verb = ""] = closing.how.split(" ");
  const { data } = JSON.parse(ask(resource, "list", "--json")) as { data: readonly { id: string }[] };
  ask(resource, verb, data[0]?.id ?? "", ...(resource === "groups" ? ["--yes", "--purge"] : []));
  const stderr = `error: This message will not be answered: this conversation was closed (${closing.reason}).\n`;
  for (const chat of chats) expect([await chat.exitCode, chat.out(), chat.err()]).toEqual([1, "", stderr]);
});

test("SIGTERM ends the host and all runners within 2 s, also a stopped runner", slow, async () => {
  const { dataDir, host, ask, waits, isTaken } = await hostOfAna();
  const records = (): readonly ProcessRecord[] =>
    readdirSync(join(dataDir, "processes"))
      .filter((name) => name.endsWith(".json"))
      .map((name) => JSON.parse(readFileSync(join(dataDir, "processes", name), "utf8")) as ProcessRecord);
  for (const name of ["Bo", "Cy"]) {
    ask("groups", "create", "--name", name, "--folder", name.toLowerCase());
    ask("groups", "config", "update", name, "--provider", "echo");
  }
  for (const group of ["ana", "bo", "cy"]) waits(group);
  await isTaken(3);
  await vi.waitFor(() => expect(records()).toHaveLength(3));
  const running = records();
  const states = (): readonly string[] => running.map(stateOf);
  expect(states()).toEqual(["running", "running", "running"]);
  process.kill(running[1]?.process.pid ?? 0, "SIGSTOP");
  host.child.kill("SIGTERM");
  await host.ended;
  expect(states()).toEqual(["ended", "ended", "ended"]);
  expect(records()).toEqual([]);
});
