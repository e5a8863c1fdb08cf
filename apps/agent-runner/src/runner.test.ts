import { project, sessionState } from "@gatehouse/session-rows";
import { execFile } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { describe, expect, inject, test } from "vitest";
import { providerNames } from "./providers/index.ts";
import {
  must,
  nclResponse,
  projection,
  socketFolder,
  startRunner,
  testSession,
  textOf,
  toAgent,
} from "./session.fixture.ts";

const slow = { tags: ["slow"] };

describe("agent-runner", slow, () => {
  test("answers a message of a real host, and sends heartbeats", async () => {
    const session = await testSession();
    await session.run();
    await session.send(toAgent("m-1", "hello"));
    const [answer] = await session.sent(1);
    expect(answer).toMatchObject({ id: "re-m-1", inReplyTo: "m-1", content: { text: "hello" } });
    const state = must(await session.host.read(sessionState(new Date().toISOString())));
    expect(state.ended).toMatchObject([{ id: "m-1", status: "completed" }]);
    expect(session.host.heartbeat(1)).not.toBeNull();
  });

  test("leaves its message to the next runner if it is killed, which answers it once", async () => {
    const session = await testSession();
    const first = await session.run();
    await session.send(toAgent("m-1", "/slow 300"));
    await session.claimed("m-1", 1);
    first.child.kill("SIGKILL");
    await first.ended;
    await session.release();
    await session.run();
    await session.sent(1);
    await session.send(toAgent("m-2", "done"));
    expect((await session.sent(2)).map(({ id }) => id)).toEqual(["re-m-1", "re-m-2"]);
  });

  test("sends a tool's message at once, and no second time if the turn is repeated after a kill", async () => {
    const session = await testSession();
    await session.send(toAgent("m-1", "/send soon"), toAgent("m-2", "/slow 1500"));
    const first = await session.run();
    const [early] = await session.sent(1);
    expect(early).toMatchObject({ inReplyTo: null, content: { text: "soon" } });
    first.child.kill("SIGKILL");
    await first.ended;
    await session.release();
    await session.run();
    expect((await session.sent(3)).map(textOf)).toEqual(["soon", "Sent to this chat.", "/slow 1500"]);
  });

  test("answers each message once after a kill at any commit", async () => {
    const session = await testSession();
    session.writeContainerJson(
      JSON.stringify({
        agentGroupId: "ag-1",
        assistantName: "Ana",
        provider: "echo",
        maxMessagesPerPrompt: 1,
      }),
    );
    const ids = Array.from({ length: 20 }, (_, index) => `m-${index}`);
    await session.send(...ids.map((id) => toAgent(id, id)));
    // Two commits at the start, then a claim and an answer for each message.
    for (const commits of [3, 4, 5, 6, 7, 8]) {
      const reached = session.changes(commits);
      const { child, ended } = await session.run();
      await reached;
      child.kill("SIGKILL");
      await ended;
      await session.release();
    }
    await session.run();
    const answers = await session.sent(ids.length);
    expect(answers.map(({ inReplyTo }) => inReplyTo).sort()).toEqual([...ids].sort());
  });

  test("gets a wake message only by the first poll of the container that the message is for", async () => {
    const session = await testSession();
    const first = await session.run();
    await session.send(toAgent("m-1", "before"));
    await session.sent(1);
    await session.send(
      toAgent("w-1", "you were restarted", { onWake: true }),
      toAgent("m-2", "to the first"),
    );
    expect((await session.sent(2)).map(textOf)).toEqual(["before", "to the first"]);
    first.child.kill("SIGTERM");
    await first.ended;
    await session.release();
    const second = await session.run();
    expect((await session.sent(3)).map(textOf)[2]).toBe("you were restarted");
    second.child.kill("SIGTERM");
    await second.ended;
    await session.run();
    await session.send(toAgent("m-3", "to the third"));
    expect((await session.sent(4)).map(textOf)[3]).toBe("to the third");
  });

  test("exits within 2 s after SIGTERM, also during a turn, and leaves the turn claimed", async () => {
    const session = await testSession();
    const { child, ended, stderr } = await session.run();
    await session.send(toAgent("m-1", "/slow 60000"));
    await session.claimed("m-1", 1);
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 143, signal: null });
    expect(stderr()).toBe("");
    await session.claimed("m-1", 1);
    expect(readdirSync(session.temporary)).toEqual([]);
  });

  test("exits with the code of the crash if it crashes", async () => {
    const session = await testSession();
    const { ended } = await session.run();
    await session.send(toAgent("m-1", "/crash"));
    expect(await ended).toEqual({ code: 70, signal: null });
  });
});

test(
  "a turn that ended while the host was away is not repeated, though its runner is killed",
  slow,
  async () => {
    const session = await testSession();
    const first = await session.run();
    await session.send(toAgent("m-1", "/slow 3000"));
    const tool = async () => must(await session.host.read(sessionState(new Date().toISOString()))).tool;
    await expect.poll(tool).not.toBeNull();
    await session.leave();
    const spool = join(session.folder, "out", `spool-${process.getuid?.()}`);
    const kept = (): readonly string[] => readdirSync(spool).filter((name) => name.endsWith(".json"));
    await expect.poll(kept).not.toEqual([]);
    first.child.kill("SIGKILL");
    await first.ended;
    await session.comeBack();
    await session.release();
    // The work of the first runner is sent first and counts as reported, with no new claim of its message.
    const handedOver = session.changes(1);
    await session.run();
    await handedOver;
    expect(must(await session.host.read(sessionState(new Date().toISOString())))).toMatchObject({
      ended: [{ id: "m-1", status: "completed" }],
      claims: [],
    });
    const [answer] = await session.sent(1);
    expect(answer).toMatchObject({ id: "re-m-1", content: { text: "/slow 3000" } });
    await expect.poll(kept).toEqual([]);
  },
);

test("agent-runner exits when its session's folder is gone, with or without its host", slow, async () => {
  const session = await testSession();
  const { ended, stderr } = await session.run();
  await session.send(toAgent("m-1", "hello"));
  await session.sent(1);
  rmSync(session.folder, { recursive: true });
  expect(await ended).toEqual({ code: 1, signal: null });
  expect(stderr()).toBe(`error: The session's folder ${session.folder} is gone.\n`);
});

describe("the start of agent-runner", slow, () => {
  const wanted = "A host starts this program, and gives it a session's folder, a socket and a token.";
  test.each([
    { what: "a missing session", env: {}, token: "t", error: wanted },
    {
      what: "a missing token",
      env: { GATEHOUSE_SESSION: "/proc/nowhere", GATEHOUSE_WIRE: "unix:/proc/nowhere/s" },
      token: "",
      error: wanted,
    },
    {
      what: "a missing folder",
      env: { GATEHOUSE_SESSION: "/proc/nowhere", GATEHOUSE_WIRE: "unix:/proc/nowhere/s" },
      token: "t",
      error: "The session's folder /proc/nowhere is gone.",
    },
  ])("is refused for $what", async ({ env, token, error }) => {
    const { ended, stderr } = startRunner(env, token);
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(stderr()).toBe(`error: ${error}\n`);
  });

  test.each([
    { what: "torn", text: '{"agentGroupId":"ag-1","provider":"ec', error: "is not a JSON object." },
    { what: "invalid", text: '{"agentGroupId":"ag-1"}', error: "has no text as provider." },
    {
      what: "of another group",
      text: '{"agentGroupId":"ag-2","assistantName":"Ana","provider":"echo"}',
      error: "container.json is of group ag-2, and the session is of group ag-1.",
    },
    {
      what: "for an unknown provider",
      text: '{"agentGroupId":"ag-1","assistantName":"Ana","provider":"pi"}',
      error: `There is no provider "pi" in this runner. Choose one of those it has (${providerNames.join(", ")}): ncl groups config update ag-1 --provider echo`,
    },
  ])("is refused if container.json is $what", async ({ text, error }) => {
    const session = await testSession();
    session.writeContainerJson(text);
    const { ended, stderr } = await session.run();
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(stderr()).toMatch(/^error: .*\n$/);
    expect(stderr()).toContain(error);
  });

  test("is refused without a container.json: there are no silent defaults", async () => {
    const session = await testSession();
    rmSync(join(session.folder, "in/container.json"));
    const { ended, stderr } = await session.run();
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(stderr()).toContain("in/container.json cannot be read (ENOENT).");
  });

  test("is refused without a folder for temporary files, which holds the socket of ncl", async () => {
    const session = await testSession();
    rmSync(session.temporary, { recursive: true });
    const { ended, stderr } = await session.run();
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(stderr()).toBe(`error: The folder for ncl cannot be made in ${session.temporary} (ENOENT).\n`);
  });

  test("is refused for a container that is not the session's newest", async () => {
    const session = await testSession();
    const late = await session.host.transact(project(projection(1)));
    expect(late.ok).toBe(true);
    const token = await session.tokenOf(1);
    const { child, ended: endOfNewest } = await session.run();
    const { ended, stderr } = startRunner(session.env, token);
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(stderr()).toBe("error: The host does not know this token, or it is over.\n");
    child.kill("SIGKILL");
    await endOfNewest;
  });

  test("is refused before the host has projected its identity", async () => {
    const session = await testSession();
    const { ended, stderr } = startRunner(session.env, await session.tokenOf(1));
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(stderr()).toMatch(/^error: .+\n$/);
  });
});

describe("ncl in a container", slow, () => {
  type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };
  const ncl = (data: string, ...args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [inject("programs").ncl, ...args],
        { env: { GATEHOUSE_DATA: data, HOME: data } },
        (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
      );
    });
  const data = { id: "1", ok: true, data: [{ id: "ag-1", name: "Ana" }] };

  test("is the ordinary ncl: its frame reaches the host, and the answer returns", async () => {
    const session = await testSession();
    await session.run();
    const folder = await socketFolder(session.temporary);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const asked = ncl(folder, "groups", "list", "--json");
    const [request] = await session.sent(1);
    const { requestId, frame } = request?.content as { requestId: string; frame: object };
    expect(request).toMatchObject({ kind: "system", content: { action: "cli_request" } });
    expect(frame).toEqual({ id: "1", command: "groups-list", args: {} });
    await session.send(nclResponse(requestId, data));
    expect(await asked).toEqual({ code: 0, stdout: `${JSON.stringify(data)}\n`, stderr: "" });
  });

  test("runs on an echo command: the client learns that an approval is pending", async () => {
    const session = await testSession();
    await session.run();
    await session.send(toAgent("m-1", "/ncl groups config update --model x"));
    const [request] = await session.sent(1);
    const { requestId, frame } = request?.content as { requestId: string; frame: object };
    expect(frame).toMatchObject({ command: "groups-config-update", args: { model: "x" } });
    const error = { code: "approval-pending", message: "A person is asked.", approvalId: "ap-1" };
    await session.send(nclResponse(requestId, { id: "1", ok: false, error }));
    const [, answer] = await session.sent(2);
    expect(textOf(answer!)).toBe("error: A person is asked. (approval-pending)");
  });

  test("acknowledges the answer for a client that has died", async () => {
    const session = await testSession();
    await session.run();
    const folder = await socketFolder(session.temporary);
    const asked = ncl(folder, "groups", "list", "--timeout", "0.2");
    const [request] = await session.sent(1);
    expect((await asked).code).toBe(2);
    const { requestId } = request?.content as { requestId: string };
    await session.send(nclResponse(requestId, data), toAgent("m-1", "hello"));
    await session.sent(2);
    const { ended } = must(await session.host.read(sessionState(new Date().toISOString())));
    expect(ended.map(({ id, status }) => `${status} ${id}`).sort()).toEqual([
      `completed cli-${requestId}`,
      "completed m-1",
    ]);
  });

  test("has a socket that the next container removes after a kill -9", async () => {
    const session = await testSession();
    const first = await session.run();
    const left = await socketFolder(session.temporary);
    first.child.kill("SIGKILL");
    await first.ended;
    await session.run();
    await expect.poll(() => readdirSync(session.temporary)).not.toContain(basename(left));
    await socketFolder(session.temporary);
  });
});
