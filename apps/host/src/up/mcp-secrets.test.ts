import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { systemCode } from "@gatehouse/std";
import { expect, inject, test, vi } from "vitest";
import { chatWithAna, folderWithAna } from "./echo-group.fixture.ts";
import { spawnHost } from "./host.fixture.ts";
import { clis, key, openModel } from "./real-agents.fixture.ts";

const { gatehouse, ncl } = inject("programs");
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../test-fixtures/programs/${name}`, import.meta.url));

/** Random, because other runs of this test may be active on the machine. */
const planted = `planted-${randomBytes(12).toString("hex")}`;
const [secret, next] = [`${planted}-secret`, `${planted}-next`];
const hashOf = (value: string): string => createHash("sha256").update(value).digest("hex");

/** The output of all programs of this file. */
const printed: string[] = [];

const run = (program: string, args: readonly string[], input = ""): string => {
  const options = { input, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
  printed.push(stdout, stderr);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return stdout + stderr;
};

/** A scripted agent in the place of OpenCode: `mcp NAME TOOL` calls a tool of an MCP server. Its log is below `folder`. */
const scriptedAgent = (folder: string): string => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const script = `#!/bin/sh\nFAKE_ACP='${folder}' exec '${process.execPath}' '${fixture("fake-acp.mjs")}'\n`;
  writeFileSync(join(bin, "opencode"), script, { mode: 0o755 });
  return bin;
};

/** The agent of a group: its provider, the folder of its CLI, and flags of `up`. */
type Agent = { readonly provider: string; readonly bin: string; readonly up?: readonly string[] };

/** A host whose group Ana has this agent, with an MCP server that needs the secret TINY. */
const hosted = async ({ provider, bin, up = [] }: Agent) => {
  const dataDir = await folderWithAna();
  const data = ["--data", dataDir];
  const path = `${bin}:${process.env["PATH"] ?? ""}`;
  const host = spawnHost(dataDir, up, { PATH: path });
  await host.ready();
  const ask = (...args: readonly string[]): string => run(ncl, [...args, "--socket", host.socket]);
  ask("groups", "config", "update", "Ana", "--provider", provider, "--tools", "allow-all", "--yes");
  const add = ["groups", "config", "add-mcp-server", "Ana", "--name", "tiny", "--command", process.execPath];
  const program = ["--args", JSON.stringify([fixture("secret-mcp.mjs")]), "--env", '{"PLAIN":"seen"}'];
  const added = ask(...add, ...program, "--secret-env", '{"TOKEN":"TINY"}');
  const say = async (line: string): Promise<string> => {
    const [stdout, stderr] = await chatWithAna(dataDir, line);
    printed.push(stdout, stderr);
    return stdout;
  };
  const setSecret = (value: string): string => run(gatehouse, ["secrets", "set", "TINY", ...data], value);
  return { dataDir, data, host, ask, added, say, setSecret };
};

/** The files below a folder, each with its text. */
const filesIn = (folder: string): readonly (readonly [string, string])[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => [path, textOf(path)] as const);

/** The content of a file; empty if it was removed, because the folders are in use. */
const textOf = (file: string): string => {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    expect(systemCode(error)).toBe("ENOENT");
    return "";
  }
};

/** The names of the files below these folders that have a secret. */
const holders = (...folders: readonly string[]): readonly string[] =>
  folders
    .flatMap(filesIn)
    .filter(([, content]) => content.includes(planted))
    .map(([path]) => basename(path));

/** The text of a file of /proc; empty if the process has ended, or is another account's. */
const procText = (pid: string, name: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
};

/** The processes of this machine that have a secret in their arguments or in their environment. */
const processesWith = (value: string): readonly string[] =>
  readdirSync("/proc").filter(
    (pid) => /^\d+$/.test(pid) && ["cmdline", "environ"].some((name) => procText(pid, name).includes(value)),
  );

test(
  "an MCP server gets a secret of the host by name, and no other process or file has its value",
  { tags: ["slow"] },
  async () => {
    const agentFolder = temporaryFolder();
    const agent = { provider: "opencode", bin: scriptedAgent(agentFolder) };
    const { dataDir, data, host, ask, added, say, setSecret } = await hosted(agent);
    // Without the secret: the change warns, and the agent answers without the server.
    expect(added).toMatch(/This host has no secret TINY for ag-.*: gatehouse secrets set TINY --group ag-/);
    expect(await say("mcp tiny reveal")).toBe("there is no server tiny\n");
    expect(readFileSync(join(agentFolder, "log"), "utf8")).not.toContain('"name":"tiny"');
    const log = run(gatehouse, ["logs", ...data]);
    expect(log).toMatch(/secret-missing.*TINY/);

    // The agent gets the secret at its next start.
    expect(setSecret(`${secret}\n`)).toContain("set the secret TINY");
    expect(await say("mcp tiny reveal")).toBe("there is no server tiny\n");
    ask("groups", "restart", "Ana");
    const answer = await say("mcp tiny reveal");
    expect(answer).toContain(`token ${hashOf(secret)} plain seen`);
    const [, pid = ""] = /pid (\d+)/.exec(answer) ?? [];
    if (process.platform === "linux") expect(processesWith(secret)).toEqual([pid]);

    // The same holds for a changed secret: the running server keeps the old value.
    setSecret(next);
    expect(await say("mcp tiny reveal")).toContain(hashOf(secret));
    ask("groups", "restart", "Ana");
    expect(await say("mcp tiny reveal")).toContain(hashOf(next));

    for (const words of ["get", "history"]) ask("groups", "config", words, "Ana");
    expect(ask("groups", "config", "get", "Ana")).toContain('"secretEnv":{"TOKEN":"TINY"}');
    expect(ask("groups", "config", "diff", "Ana", "--from", "1")).toContain('"secretEnv":{"TOKEN":"TINY"}');
    expect(run(gatehouse, ["secrets", "list", ...data])).toContain("TINY");
    run(gatehouse, ["status", ...data]);
    run(gatehouse, ["logs", ...data]);

    // Only one file has the secret, both while the host runs and after it has stopped.
    expect(holders(dataDir, agentFolder)).toEqual(["mcp-secrets.json"]);
    host.child.kill("SIGTERM");
    const { stdout, stderr } = await host.ended;
    expect(holders(dataDir, agentFolder)).toEqual(["mcp-secrets.json"]);
    expect([...printed, stdout, stderr].join("")).not.toContain(planted);
    // The server ends with its agent.
    await vi.waitFor(() => expect(processesWith(next)).toEqual([]), { interval: 50 });
  },
);

const [claude] = clis;

test.skipIf(claude.file === null)(
  "the real Claude Code uses an MCP server with a secret, which is in no file and no request",
  { tags: ["slow"] },
  async () => {
    const [model, bin] = [await openModel(), temporaryFolder()];
    symlinkSync(claude.file ?? "", join(bin, "claude"));
    const agent = {
      provider: "claude",
      bin,
      up: ["--upstream", `anthropic=${model.address}`],
    };
    const { dataDir, data, host, say, setSecret } = await hosted(agent);
    run(gatehouse, ["secrets", "set", "anthropic", ...data], key);
    setSecret(secret);
    expect(await say("use mcp__tiny__reveal {}")).toBe("it ran\n");
    // The model got the result of the tool.
    expect(model.asked()).toContain(`token ${hashOf(secret)} plain seen`);
    expect(model.asked()).not.toContain(secret);
    const [config = ""] = filesIn(dataDir).flatMap(([path, content]) =>
      path.endsWith("/mcp.json") ? [content] : [],
    );
    expect(config).toContain('"tiny"');
    expect(holders(dataDir)).toEqual(["mcp-secrets.json"]);
    host.child.kill("SIGTERM");
    const { stdout, stderr } = await host.ended;
    expect([...printed, stdout, stderr].join("")).not.toContain(secret);
  },
);
