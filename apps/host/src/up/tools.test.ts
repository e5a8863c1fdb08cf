import { expect, inject, test, vi } from "vitest";
import { printedBy } from "../ran-cli.fixture.ts";
import { folderWithAna, startChat } from "./echo-group.fixture.ts";
import { spawnHost } from "./host.fixture.ts";
import { run } from "./run.fixture.ts";

const slow = { tags: ["slow"] };
const { ncl } = inject("programs");

type Waiting = { readonly id: string; readonly status: string; readonly kind: string };

/** A host whose group Ana answers with echo, and a person who chats with it in a pipe. */
const chatting = async (...lines: readonly string[]) => {
  const dataDir = await folderWithAna();
  const host = spawnHost(dataDir);
  await host.ready();
  const ask = (...args: readonly string[]): string => run(ncl, ...args, "--socket", host.socket);
  const chat = startChat(dataDir, [...lines, ""].join("\n"));
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
  return { dataDir, host, ask, chat, pending };
};

test("an approval of a tool survives a kill of the host, and the agent continues", slow, async () => {
  const { dataDir, host, ask, chat, pending } = await chatting('/tool Bash {"command":"ls -l"}');
  const id = await pending();
  expect(await printedBy(dataDir, "ps", "--waiting")).toContain('use Bash {"command":"ls -l"}');
  host.child.kill("SIGKILL");
  await host.ended;
  const second = spawnHost(dataDir);
  await second.ready();
  expect(await pending()).toBe(id);
  ask("approvals", "approve", id);
  expect([await chat.exitCode, chat.out()]).toEqual([0, "Bash is allowed\n"]);
  // In a pipe, the card is printed on stderr.
  expect(chat.err()).toContain(`May Ana use Bash? (${id})\n`);
  expect(chat.err()).toContain(`\n  command: "ls -l"\nAnswer it at a terminal`);
  second.child.kill("SIGTERM");
  await second.ended;
});

test(
  "a person is asked once for a tool that is always allowed, and again after its rule is deleted",
  slow,
  async () => {
    const { dataDir, host, ask, chat, pending } = await chatting(
      "/tool Bash {}",
      "/tool Bash {}",
      "/tool Bash {}",
    );
    ask("approvals", "approve", await pending(), "--always");
    expect([await chat.exitCode, chat.out()]).toEqual([0, "Bash is allowed\n".repeat(3)]);
    const { data } = JSON.parse(ask("tool-rules", "list", "--json")) as {
      readonly data: readonly { id: string }[];
    };
    expect(data).toMatchObject([{ tool: "Bash", input: "{}", allowed_by: "host" }]);
    ask("tool-rules", "delete", data[0]?.id ?? "");
    const again = startChat(dataDir, "/tool Bash {}\n");
    ask("approvals", "reject", await pending(), "--reason", "not twice");
    expect([await again.exitCode, again.out()]).toEqual([
      0,
      "Bash is denied: A person denied it: not twice\n",
    ]);
    host.child.kill("SIGTERM");
    await host.ended;
  },
);
