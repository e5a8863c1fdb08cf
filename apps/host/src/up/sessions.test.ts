import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { type ProcessRecord, stateOf } from "@gatehouse/processes/records";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { spawnHost } from "./host.fixture.ts";
import { run } from "./run.fixture.ts";

const slow = { tags: ["slow"] };
const { gatehouse, ncl } = inject("programs");

const log = (dataDir: string): string => run(gatehouse, "logs", "-n", "1000", "--data", dataDir);

test("an answer arrives once if the host is killed while the agent works on it", slow, async () => {
  const dataDir = temporaryFolder();
  run(gatehouse, "init", "--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--data", dataDir);
  const first = spawnHost(dataDir);
  await first.ready();
  run(ncl, "groups", "config", "update", "Ana", "--provider", "echo", "--socket", first.socket);
  const chat = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
  const [said, exited] = [text(chat.stdout), once(chat, "exit")];
  chat.stdin.end("/slow 1500\nhello\n");
  await vi.waitFor(() => expect(log(dataDir)).toMatch(/ container-started /));
  first.child.kill("SIGKILL");
  await first.ended;
  const status = (): unknown => JSON.parse(run(gatehouse, "status", "--json", "--data", dataDir));
  const containers = { runtime: { name: "process", running: 1 }, unowned: [], gone: [] };
  expect(status()).toMatchObject({
    ok: true,
    host: { running: false },
    groups: 1,
    sessions: { running: 1 },
    containers,
  });
  const second = spawnHost(dataDir);
  await second.ready();
  expect((await exited) as unknown).toEqual([0, null]);
  expect((await said).split("\n").filter((line) => line === "hello")).toEqual(["hello"]);
  expect(status()).toMatchObject({ host: { running: true, pid: second.child.pid } });
  second.child.kill("SIGTERM");
  await second.ended;
  expect(status()).toMatchObject({ host: { running: false }, sessions: { running: 0 } });
  const story = log(dataDir);
  expect(story.match(/ host-started /g)).toHaveLength(2);
  expect(story).toMatch(/ message-delivered /);
  expect(story).toMatch(/ container-ended [^]* host-stopped/);
});

/** Starts a host whose group Ana answers with echo. */
const hostOfAna = async () => {
  const dataDir = temporaryFolder();
  run(gatehouse, "init", "--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--data", dataDir);
  const host = spawnHost(dataDir);
  await host.ready();
  const ask = (...args: readonly string[]): string => run(ncl, ...args, "--socket", host.socket);
  ask("groups", "config", "update", "Ana", "--provider", "echo");
  /** Starts `gatehouse chat` in a pipe, with an agent that is busy for a minute. */
  const waits = (group: string) => {
    const chat = spawn(process.execPath, [gatehouse, "chat", "--group", group, "--data", dataDir]);
    onTestFinished(() => void chat.kill("SIGKILL"));
    chat.stdin.end("/slow 60000\n");
    return Promise.all([once(chat, "exit"), text(chat.stdout), text(chat.stderr)]);
  };
  const isTaken = (count: number) =>
    vi.waitFor(() => expect(log(dataDir).match(/ message-taken /g)).toHaveLength(count));
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
  for (const chat of chats) expect(await chat).toEqual([[1, null], "", stderr]);
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
  for (const group of ["ana", "bo", "cy"]) void waits(group);
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
