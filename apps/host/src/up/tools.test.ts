import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { spawnHost } from "./host.fixture.ts";
import { run } from "./run.fixture.ts";

const slow = { tags: ["slow"] };
const { gatehouse, ncl } = inject("programs");

type Waiting = { readonly id: string; readonly status: string; readonly kind: string };

/** A host whose group Ana answers with echo, and a person who chats with it in a pipe. */
const chatting = async (...lines: readonly string[]) => {
  const dataDir = temporaryFolder();
  run(gatehouse, "init", "--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--data", dataDir);
  const host = spawnHost(dataDir);
  await host.ready();
  const ask = (...args: readonly string[]): string => run(ncl, ...args, "--socket", host.socket);
  ask("groups", "config", "update", "Ana", "--provider", "echo");
  const chat = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
  onTestFinished(() => void chat.kill("SIGKILL"));
  const ended = Promise.all([once(chat, "exit"), text(chat.stdout), text(chat.stderr)]);
  chat.stdin.end([...lines, ""].join("\n"));
  const pending = (): Promise<string> =>
    vi.waitFor(
      () => {
        const { data } = JSON.parse(ask("approvals", "list", "--status", "pending", "--json")) as {
          readonly data: readonly Waiting[];
        };
        return data[0]?.id ?? expect.fail("no approval yet");
      },
      { interval: 100 },
    );
  return { dataDir, host, ask, ended, pending };
};

test("an approval of a tool survives a kill of the host, and the agent continues", slow, async () => {
  const { dataDir, host, ask, ended, pending } = await chatting('/tool Bash {"command":"ls -l"}');
  const id = await pending();
  expect(run(gatehouse, "ps", "--waiting", "--data", dataDir)).toContain('use Bash {"command":"ls -l"}');
  host.child.kill("SIGKILL");
  await host.ended;
  const second = spawnHost(dataDir);
  await second.ready();
  expect(await pending()).toBe(id);
  ask("approvals", "approve", id);
  const [[code], stdout, stderr] = await ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: "Bash is allowed\n" });
  // In a pipe, the card is printed on stderr.
  expect(stderr).toContain(`May Ana use Bash? (${id})\n`);
  expect(stderr).toContain(`\n  command: "ls -l"\nAnswer it at a terminal`);
  second.child.kill("SIGTERM");
  await second.ended;
});

test(
  "a person is asked once for a tool that is always allowed, and again after its rule is deleted",
  slow,
  async () => {
    const { dataDir, host, ask, ended, pending } = await chatting(
      "/tool Bash {}",
      "/tool Bash {}",
      "/tool Bash {}",
    );
    ask("approvals", "approve", await pending(), "--always");
    const [[code], stdout] = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Bash is allowed\n".repeat(3) });
    const { data } = JSON.parse(ask("tool-rules", "list", "--json")) as {
      readonly data: readonly { id: string }[];
    };
    expect(data).toMatchObject([{ tool: "Bash", input: "{}", allowed_by: "host" }]);
    ask("tool-rules", "delete", data[0]?.id ?? "");
    const chat = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
    const again = Promise.all([once(chat, "exit"), text(chat.stdout)]);
    chat.stdin.end("/tool Bash {}\n");
    ask("approvals", "reject", await pending(), "--reason", "not twice");
    expect(await again).toEqual([[0, null], "Bash is denied: A person denied it: not twice\n"]);
    host.child.kill("SIGTERM");
    await host.ended;
  },
);
