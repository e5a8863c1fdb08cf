import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { tryClaude } from "@gatehouse/agent-runner/claude";
import type { Box } from "../box/box.ts";
import { pathFor, type InstalledCli } from "../clis/cli-cache.ts";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { programFile } from "../start/programs.ts";
import { agentChecks, type HostedCli, type Run } from "../agents/agent-check.ts";
import { agentClis } from "../agents/agent-clis.ts";

/** The trial of the CLI that the runner makes before a first turn, and `gatehouse doctor`. */
const trial: Run = async ({ box, cli }) => {
  const env = { ...box.env, PATH: pathFor(cli.path, box.env["PATH"]) };
  return [
    ...differs("the trial", await tryClaude({ env, isKilled: false }), { ok: true, value: null }),
    ...differs("the trial with a kill", await tryClaude({ env, isKilled: true }), { ok: true, value: null }),
  ];
};

const names = (what: string, text: string, ...parts: readonly string[]): readonly string[] =>
  parts.filter((part) => !text.includes(part)).map((part) => `${what}: no ${part} in ${text}`);

/** Runs `gatehouse` in a box with this CLI on its PATH, or with the box's own PATH. */
const gatehouseIn = async (box: Box, path: string | undefined) => {
  const file = await programFile("gatehouse");
  // Not waited for by a call that blocks: the model is in this process.
  return async (words: readonly string[], input = "") => {
    const env = { ...box.env, PATH: path };
    const child = spawn(process.execPath, [file, ...words], { env, timeout: 120_000 });
    const ended = once(child, "close");
    child.stdin.end(input);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await ended;
    return { status: child.exitCode, stdout, stderr };
  };
};

type Told = {
  readonly ok: boolean;
  readonly cli: { readonly version: string; readonly path: string } | null;
  readonly key: { readonly state: string };
};

/** `init` takes the CLI of the data folder and a key, and doctor tries both. */
const firstRun: Run = async ({ box, cli, model }) => {
  fetched(box, cli);
  const gatehouse = await gatehouseIn(box, box.env["PATH"]);
  const words = "init --name Ada --folder ada --owner local:ana --provider claude --json".split(" ");
  const first = JSON.parse((await gatehouse(words)).stdout) as Told;
  const second = JSON.parse(
    (await gatehouse(["init", "--key-stdin", "--json"], "sk-test-0123456789")).stdout,
  ) as Told;
  const doctor = await gatehouse(["doctor", "--json", "--upstream", `anthropic=${model.url}`]);
  const { checks } = JSON.parse(doctor.stdout) as { readonly checks: readonly DoctorRow[] };
  const { ok, message } = checks.find(({ name }) => name === "agent-cli") ?? { ok: false, message: "" };
  return [
    ...differs("the CLI", first.cli?.version, cli.version),
    ...differs("its place", first.cli?.path, join(box.data, "cli", "bin", "claude")),
    ...differs("the key", [first.key.state, second.key.state], ["missing", "set"]),
    ...differs("doctor about the keys", checks.find(({ name }) => name === "keys")?.ok, true),
    ...differs("doctor about the models", checks.find(({ name }) => name === "models")?.ok, true),
    ...differs("doctor about the CLI", ok, true),
    ...names("doctor about the CLI", message, cli.version, "does what agents need"),
  ];
};

type DoctorRow = { readonly name: string; readonly ok: boolean; readonly message: string };

/** Puts the CLI where `gatehouse init --fetch` puts it. */
const fetched = (box: Box, { path, version }: InstalledCli): void => {
  const folder = join(box.data, "cli", `claude-${version}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  symlinkSync(dirname(dirname(path)), join(folder, "node_modules"));
};

/** The demo with the real CLI, and the stand-in that the host has. */
export const demo: Run<HostedCli> = async ({ box, cli }) => {
  const gatehouse = await gatehouseIn(box, pathFor(cli.path, box.env["PATH"]));
  const { status, stdout, stderr } = await gatehouse(["demo", "--provider", cli.provider, "--json"]);
  const steps = status === 0 ? (JSON.parse(stdout) as { readonly steps: readonly string[] }).steps : [];
  const said = steps.join("\n");
  return [
    ...differs("the end of the demo", { status, stderr }, { status: 0, stderr: "" }),
    ...names("the demo", said, "Demo: you said: hello", "date >now.txt", "Demo: it ran"),
    ...names("the demo", said, "Demo: you said: still there?"),
    ...differs("a data folder", existsSync(box.data), false),
  ];
};

/** The first minutes with the real Claude Code: the trial, `init` and the demo. */
export const firstRunChecks: readonly Check[] = agentChecks(agentClis.claude, [
  { name: "agent-trial", run: trial, isForAll: true },
  { name: "agent-first-run", run: firstRun },
  { name: "agent-demo", run: demo },
]);

export const codexDemo: readonly Check[] = agentChecks(agentClis.codex, [{ name: "agent-demo", run: demo }]);
