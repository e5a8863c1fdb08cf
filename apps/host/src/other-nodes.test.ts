// @module-tag rest
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { folderWithAna } from "./up/echo-group.fixture.ts";
import { openTerminal } from "./users/terminal.fixture.ts";

const slow = { tags: ["slow"] };
const { gatehouse, ncl } = inject("programs");

const scripts: string = new URL("../../../tools/scripts/obtain-node.mjs", import.meta.url).href;
const { obtainNode, supported } = (await import(scripts)) as {
  readonly obtainNode: (version: string) => string;
  readonly supported: readonly { readonly version: string }[];
};

const lineOf = (version: string): string => version.split(".")[0] ?? "";

/** The supported Nodes of other lines than this one, each with its program, or the reason for its absence. */
const others = supported
  .filter(({ version }) => lineOf(version) !== lineOf(process.versions.node))
  .map(({ version }) => {
    try {
      return { version, node: obtainNode(version), why: "" };
    } catch (error) {
      return { version, node: "", why: String(error) };
    }
  });

/** The environment of a person with an empty HOME. */
const emptyHome = () => {
  const home = temporaryFolder();
  const temp = join(home, "tmp");
  mkdirSync(temp);
  return { PATH: process.env["PATH"], HOME: home, TMPDIR: temp };
};

describe.for(others)("on Node $version", ({ node, why }) => {
  test("the demo talks, asks a person and starts again", slow, ({ skip }) => {
    skip(node === "", why);
    const env = emptyHome();
    const ran = spawnSync(node, [gatehouse, "demo", "--json"], { encoding: "utf8", env });
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true });
  });

  test("a host answers a pipe of 50 lines, a terminal and ncl", slow, async ({ skip }) => {
    skip(node === "", why);
    const env = emptyHome();
    const dataDir = await folderWithAna();
    const run = (program: string, ...args: readonly string[]) => {
      const child = spawn(node, [program, ...args], { env: { ...env, GATEHOUSE_DATA: dataDir } });
      onTestFinished(() => void child.kill("SIGKILL"));
      return child;
    };
    const printed = async (child: ReturnType<typeof run>) => {
      const exit = once(child, "exit");
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { code: (await exit)[0] as unknown, stdout, stderr };
    };
    const host = run(gatehouse, "up", "--runtime", "process");
    await once(host.stdout, "data");
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
    const pipe = run(gatehouse, "chat", "--group", "Ana");
    pipe.stdin.end(`${lines.join("\n")}\n`);
    const answered = lines.map((line) => `${line}\n`).join("");
    expect(await printed(pipe)).toEqual({ code: 0, stdout: answered, stderr: "" });
    const groups = await printed(run(ncl, "groups", "list", "--json"));
    expect(JSON.parse(groups.stdout)).toMatchObject({ ok: true, data: [{ name: "Ana" }] });
    const terminal = await openTerminal(["chat", "--data", dataDir, "--group", "Ana"], {}, node);
    await terminal.sees(/Ctrl-D ends\./);
    terminal.type("hello\r");
    await terminal.sees(/^│ Ana: hello$/m);
  });
});
