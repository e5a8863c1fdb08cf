import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { localChannel } from "@gatehouse/channels";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { openPty } from "@trust/dialog-engine/node";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { openTerminal } from "../users/terminal.fixture.ts";

/** A data folder with a channel that echoes each message. */
const served = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db } = await openedCentral(dataDir);
  await addRow(db, "agent_groups", { id: "ag-ana", name: "Ana", folder: "ana" });
  await addRow(db, "users", { id: "local:ana", kind: "local", display_name: "Ana" });
  await addRow(db, "user_roles", { user_id: "local:ana", role: "owner", agent_group_id: null });
  const bugs: unknown[] = [];
  const channel = localChannel({
    db,
    socketPath: join(dataDir, "chat.sock"),
    filesDir: join(dataDir, "chat-files"),
    now: () => new Date().toISOString(),
    id: (prefix) => `${prefix}-${randomUUID()}`,
    report: (error) => bugs.push(error),
  });
  await channel.start(async ({ id, platformId, text }) => {
    const where = { platformId, instance: "", threadId: null, from: "Ana" };
    await channel.send({ id: `re-${id}`, inReplyTo: id, text: `echo ${text}`, ...where });
  });
  onTestFinished(async () => {
    await channel.close();
    expect(bugs).toEqual([]);
  });
  return dataDir;
};

const chat = (dataDir: string, ...args: readonly string[]): ChildProcess => {
  const argv = [inject("programs").gatehouse, "chat", "--data", dataDir, ...args];
  const child = spawn(process.execPath, argv, { env: { PATH: process.env["PATH"], HOME: dataDir } });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
};

type Ended = { readonly code: unknown; readonly stdout: string; readonly stderr: string };

const ended = async (child: ChildProcess): Promise<Ended> => {
  const exit = once(child, "exit") as Promise<readonly unknown[]>;
  const [[code], stdout, stderr] = await Promise.all([exit, text(child.stdout!), text(child.stderr!)]);
  return { code, stdout, stderr };
};

describe("gatehouse chat in a pipe", () => {
  test("answers each line of stdin with a line", async () => {
    const child = chat(await served(), "--group", "ANA");
    child.stdin?.end("hello\nagain\n");
    expect(await ended(child)).toEqual({ code: 0, stdout: "echo hello\necho again\n", stderr: "" });
  });

  test("names the command that starts a host, if none runs", async () => {
    const child = chat(temporaryFolder(), "--group", "ana");
    child.stdin?.end("hello\n");
    const { code, stderr } = await ended(child);
    expect(code).toBe(1);
    expect(stderr).toMatch(/gatehouse up/);
  });

  test("exits with 130 on Ctrl-C while its input is still open", async () => {
    const child = chat(await served(), "--group", "ana");
    const exit = once(child, "exit");
    child.stdin?.write("hello\n");
    await once(child.stdout!, "data");
    child.kill("SIGINT");
    expect((await exit)[0]).toBe(130);
  });
});

describe("gatehouse history", () => {
  const spoken = async (): Promise<string> => {
    const dataDir = await served();
    const child = chat(dataDir, "--group", "ana");
    child.stdin?.end("hello\nagain\n");
    await ended(child);
    return dataDir;
  };
  const history = (dataDir: string, ...args: readonly string[]): Promise<Ended> => {
    const argv = [inject("programs").gatehouse, "history", "--data", dataDir, ...args];
    return ended(spawn(process.execPath, argv, { env: { PATH: process.env["PATH"], HOME: dataDir } }));
  };

  test("prints what was said in the person's chat with a group", async () => {
    const dataDir = await spoken();
    const { code, stdout, stderr } = await history(dataDir, "--group", "ana", "--last", "3");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^│ .*Z Ana: echo hello$/),
      expect.stringMatching(/^> .*Z local:ana: again$/),
      expect.stringMatching(/^│ .*Z Ana: echo again$/),
      "",
    ]);
    const json = await history(dataDir, "--group", "ana", "--json");
    const lines = json.stdout.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject(
      ["hello", "echo hello", "again", "echo again"].map((text) => ({ text })),
    );
  });

  test("names the command that starts a host, if none runs", async () => {
    const { code, stderr } = await history(temporaryFolder(), "--group", "ana");
    expect(code).toBe(1);
    expect(stderr).toMatch(/gatehouse up/);
  });

  test.each(["0", "-1", "1e3", "ten", ""])("refuses --last %j", async (last) => {
    expect((await history(temporaryFolder(), "--last", last)).code).toBe(2);
  });

  test("a reopened chat at a terminal shows it, unless --history 0 is given", async () => {
    const dataDir = await spoken();
    const terminal = await openTerminal(["chat", "--data", dataDir, "--group", "ana"]);
    await terminal.sees(/^> \d{4}-.*Z local:ana: hello\n│ .*Z Ana: echo hello\n> .*Z local:ana: again\n│ /m);
    const bare = await openTerminal(["chat", "--data", dataDir, "--group", "ana", "--history", "0"]);
    await bare.sees(/Ctrl-D ends\./);
    bare.type("more\r");
    await bare.sees(/^│ Ana: echo more$/m);
    expect(bare.screen()).not.toContain("hello");
  });
});

describe("gatehouse chat at a terminal", () => {
  test.each([
    { what: "with --plain", args: ["--plain"], env: [] },
    { what: "with TERM=dumb", args: [], env: ["TERM=dumb"] },
    { what: "without TERM", args: [], env: ["-u", "TERM"] },
  ])("writes whole lines without escape sequences $what", async ({ args, env }) => {
    const dataDir = await served();
    const { gatehouse } = inject("programs");
    // The library of terminals sets TERM if it is empty.
    const argv = [...env, process.execPath, gatehouse, "chat", "--data", dataDir, "--group", "ana", ...args];
    const opened = await openPty({
      file: "/usr/bin/env",
      args: argv,
      cwd: "/",
      columns: 80,
      rows: 24,
      env: { PATH: process.env["PATH"] ?? "", HOME: dataDir, TERM: "xterm-256color" },
    });
    if (!opened.ok) return expect.fail(opened.error.message);
    const terminal = opened.value;
    onTestFinished(() => terminal.kill());
    let shown = "";
    terminal.onData((data) => (shown += String(data)));
    const exit = new Promise((resolve) => terminal.onExit(resolve));
    await vi.waitFor(() => expect(shown).toContain("Ctrl-D ends."));
    terminal.write("hello\r");
    await vi.waitFor(() => expect(shown).toContain("│ Ana: echo hello\r\n"));
    terminal.write("\u0004");
    expect(await exit).toMatchObject({ exitCode: 0 });
    // eslint-disable-next-line no-control-regex -- what a plain terminal must not get
    expect(shown).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/);
    expect(shown).not.toMatch(/\r(?!\n)/);
  });

  test("shows answers as they come, until Ctrl-C", async () => {
    const terminal = await openTerminal(["chat", "--data", await served(), "--group", "ana"]);
    await terminal.sees(/Ana, for local:ana\. .*Ctrl-D ends\./);
    terminal.type("hello\r");
    await terminal.sees(/^│ Ana: echo hello$/m);
    terminal.type("\u0003");
    expect(await terminal.ended).toMatchObject({ exitCode: 130 });
  });
});
