import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { probeSandbox } from "@nc/container-runtime/node";
import { describe, expect, inject, test, vi } from "vitest";
import { ranCli } from "../ran-cli.fixture.ts";

const gatehouse = inject("programs").gatehouse;
const agent = join(import.meta.dirname, "../../../../test-fixtures/programs/acp-with-model.mjs");
const probed = await probeSandbox();

/** An empty HOME with the folder for temporary files in it. */
const place = () => {
  const home = temporaryFolder();
  const temp = join(home, "tmp");
  mkdirSync(temp, { mode: 0o755 });
  return { temp, env: { PATH: process.env["PATH"], HOME: home, TMPDIR: temp } };
};

const tryAgent = (...args: readonly string[]) => {
  const { env, temp } = place();
  const ran = spawnSync(process.execPath, [gatehouse, "agents", "try", ...args], { encoding: "utf8", env });
  expect(readdirSync(temp)).toEqual([]);
  return ran;
};

type Printed = {
  readonly ok: boolean;
  readonly lines: readonly { readonly step: string; readonly outcome: string; readonly saw: string }[];
  readonly row: object | null;
  readonly error?: { readonly code: string };
};

const json = (...args: readonly string[]) => {
  const { status, stdout, stderr } = tryAgent("--json", ...args);
  return { status, stderr, printed: JSON.parse(stdout) as Printed };
};

describe("gatehouse agents try", { tags: ["slow"] }, () => {
  test("prints a line for each step, and the row, of an agent that runs as a process", () => {
    const { status, stdout, stderr } = tryAgent("--runtime", "process", "--", "node", agent);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^start {10}yes {7}with-model 1\.0 speaks version 1 of the protocol$/m);
    expect(stdout).toMatch(/^MCP {12}no {8}it does not start an MCP server/m);
    const row = JSON.parse(stdout.slice(stdout.indexOf("\n{"), stdout.indexOf("\n}") + 2)) as object;
    expect(row).toMatchObject({
      v: 1,
      name: "node",
      command: ["node", agent],
      env: { ANTHROPIC_BASE_URL: "{url}", ANTHROPIC_API_KEY: "{key}", ANTHROPIC_MODEL: "{model}" },
      inputIn: "request",
    });
  });

  test("ends with 1 and no row for an agent that cannot answer in a group", () => {
    const { status, printed } = json(
      ...["--runtime", "process", "--env", "ANTHROPIC_BASE_URL={url}", "--env", "ACP_WITH=key"],
      ...["--", "node", agent],
    );
    expect({ status, ...printed }).toMatchObject({
      status: 1,
      ok: false,
      row: null,
      lacks: ["sign-in", "prompt", "tool asked", "input shown", "allow", "reject"],
    });
    expect(printed.lines).toHaveLength(13);
  });

  test.for([
    { args: ["--runtime", "process", "--", "no-such-agent", "acp"], status: 1, code: "agent-not-found" },
    { args: ["--env", "no value", "--", "node"], status: 2, code: "usage" },
    { args: ["--env", "BASE_URL", "--", "node"], status: 2, code: "usage" },
    { args: ["--api", "other", "--", "node"], status: 2, code: "usage" },
    { args: [], status: 2, code: "usage" },
  ])("refuses $args with $code", async ({ args, status, code }) => {
    const ran = await ranCli({ dataDir: temporaryFolder() }, "agents", "try", "--json", ...args);
    expect(ran.code).toBe(status);
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: false, error: { code } });
  });

  test.runIf(probed.ok)("needs --runtime process where no sandbox starts", () => {
    const { env } = place();
    const { status, stdout } = spawnSync(
      process.execPath,
      [gatehouse, "agents", "try", "--json", "--", process.execPath, agent],
      { encoding: "utf8", env: { ...env, PATH: "/proc/nowhere" } },
    );
    expect({ status, ...(JSON.parse(stdout) as object) }).toMatchObject({
      status: 1,
      error: { code: "runtime-unavailable", fix: expect.stringContaining("--runtime process") as string },
    });
  });

  test("ends the agent, and removes its folder, when it is interrupted", async () => {
    const { env, temp } = place();
    const child = spawn(
      process.execPath,
      [gatehouse, "agents", "try", "--runtime", "process", "--env", "ACP_WITH=mute", "--", "node", agent],
      { env, stdio: ["ignore", "pipe", "ignore"] },
    );
    for await (const line of createInterface({ input: child.stdout })) if (line.startsWith("sign-in")) break;
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
    await vi.waitUntil(() => readdirSync(temp).length === 0);
    const running = spawnSync("ps", ["-eo", "args="], { encoding: "utf8", env: process.env }).stdout;
    expect(running.split("\n").filter((line) => line.includes(agent) && line.includes("try-acp"))).toEqual(
      [],
    );
  });
});

describe.runIf(probed.ok)("gatehouse agents try in a sandbox", { tags: ["slow"] }, () => {
  test("runs the agent without a network, in a folder that is removed, also by a link to it", () => {
    const link = join(temporaryFolder(), "agent");
    symlinkSync(agent, link);
    const { status, printed } = json("--", "node", link);
    expect({ status, ok: printed.ok }).toEqual({ status: 0, ok: true });
    expect(printed.lines.filter(({ outcome }) => outcome !== "yes").map(({ step }) => step)).toEqual([
      "second prompt",
      "MCP",
    ]);
  });
});
