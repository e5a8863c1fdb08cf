import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { localChannel } from "@gatehouse/channels";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, inject, onTestFinished, test } from "vitest";
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

describe("gatehouse chat at a terminal", () => {
  test("shows answers as they come, until Ctrl-C", async () => {
    const terminal = await openTerminal(["chat", "--data", await served(), "--group", "ana"]);
    await terminal.sees(/Ana, for local:ana\. .*Ctrl-D ends\./);
    terminal.type("hello\r");
    await terminal.sees(/^│ Ana: echo hello$/m);
    terminal.type("\u0003");
    expect(await terminal.ended).toMatchObject({ exitCode: 130 });
  });
});
