import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, inject, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";

const slow = { tags: ["slow"] };
const gatehouse = inject("programs").gatehouse;

/** An empty HOME with the folder for temporary files in it. */
const place = () => {
  const home = temporaryFolder();
  const temp = join(home, "tmp");
  mkdirSync(temp);
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    TMPDIR: temp,
    GATEHOUSE_DATA: join(home, "data"),
  };
  return { home, temp, env };
};

/** Runs a demo to its end. `argv` is the command line. */
const demo = (...argv: readonly [string, ...string[]]) => {
  const { home, temp, env } = place();
  const [file, ...args] = argv;
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8", env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect([readdirSync(home), readdirSync(temp)]).toEqual([["tmp"], []]);
  return JSON.parse(stdout) as Told;
};

type Told = { readonly ok: boolean; readonly steps: readonly string[]; readonly seconds: number };

const story =
  /you: {2}hello\n {2}Demo: hello\n[^]*waits for a person[^]*Approved by local:you[^]*approved and done[^]*Demo: You were started again\.\n[^]*Demo: still there\?/;

const command = [process.execPath, gatehouse, "demo", "--json"] as const;

test("the demo answers, asks, restarts, and leaves no file, also with GATEHOUSE_DATA set", slow, () => {
  const { ok, steps, seconds } = demo(...command);
  expect(ok).toBe(true);
  expect(steps.join("\n")).toMatch(story);
  expect(seconds).toBeGreaterThan(0);
});

/** Starts a program without network: the loopback interface is down too. */
const withoutNetwork = ["unshare", "-rn"] as const;
/**
 * Prints the error of a connection, and the owner of `/`. In the user namespace of an ordinary account `/`
 * belongs to the account nobody (65534), and a data folder below it is refused: its owner could replace it.
 */
const lookAround = `require("node:net").connect(9, "127.0.0.1").on("error", ({ code }) =>
  console.log(code, require("node:fs").statSync("/").uid))`;
const seen = spawnSync(withoutNetwork[0], [withoutNetwork[1], process.execPath, "-e", lookAround], {
  encoding: "utf8",
});

test("the demo needs no network, not even loopback", slow, ({ skip }) => {
  skip(seen.stdout?.trim() !== "ENETUNREACH 0", "`unshare -rn` makes a place without network only for root");
  expect(demo(...withoutNetwork, ...command).steps.join("\n")).toMatch(story);
});

// tools/compat shows the story with the real CLIs (`agent-demo`).
test.for([
  {
    what: "no Claude Code",
    provider: "claude",
    script: null,
    says: "Claude Code is not installed.",
    fix: "--install-cli",
  },
  {
    what: "an old Claude Code",
    provider: "claude",
    script: "echo '2.1.252 (Claude Code)'",
    says: "is too old: 2.1.275 or newer",
    fix: "--install-cli",
  },
  {
    what: "no Kimi Code",
    provider: "kimi",
    script: null,
    says: "Kimi Code is not installed.",
    fix: "npm install -g @moonshot-ai/kimi-code",
  },
])("the demo of a CLI says how to install it if there is $what", slow, ({ provider, script, says, fix }) => {
  const { home, temp, env } = place();
  const bin = join(home, "bin");
  mkdirSync(bin);
  if (script !== null) writeFileSync(join(bin, provider), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const { status, stdout } = spawnSync(
    process.execPath,
    [gatehouse, "demo", "--provider", provider, "--json"],
    {
      encoding: "utf8",
      env: { ...env, PATH: `${bin}:/usr/bin:/bin` },
    },
  );
  expect({ status, left: readdirSync(temp) }).toEqual({ status: 1, left: [] });
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    error: {
      code: "cli-not-found",
      message: expect.stringContaining(says) as unknown,
      fix: expect.stringContaining(fix) as unknown,
    },
  });
});

test("the demo prints each step as it happens", slow, async () => {
  const child = spawn(process.execPath, [gatehouse, "demo"], {
    env: place().env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const parts: string[] = [];
  for await (const part of child.stdout.setEncoding("utf8")) parts.push(part as string);
  expect(await closed).toEqual([0, null]);
  const told = parts.join("");
  expect(told).toMatch(story);
  const last = told.trimEnd().split("\n").at(-1);
  expect(last).toMatch(/^All of it in \d+(\.\d)? s\. The demo's folder has been removed\./);
  // The first output is printed before the first message, so it has no line of the last step.
  expect(parts[0]).toMatch(/^A host runs with one group, Demo/);
  expect(parts[0]).not.toContain("started again");
});
