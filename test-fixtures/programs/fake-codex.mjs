#!/usr/bin/env node
// Behaves like Codex at its start, and misbehaves on purpose. Plain Node, nothing to install.
//
// Link to it by the name `codex`. What it does is read from `fake-codex.json` beside that link, every field of which has
// a default below; what it was given and pressed is appended to `fake-codex.log` in HOME, one JSON object a line.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const file = path.join(path.dirname(process.argv[1]), "fake-codex.json");
const scenario = {
  /** Its help names `--no-daemon`, as from 0.157. */
  noDaemon: true,
  /** "ask" (unless the arguments trust this folder), "restricted" (config.toml calls it untrusted), "update",
   * "sign-in-and-exit", "query" (asks the terminal who it is and is ready when it answers), "composer". */
  start: "ask",
  /** The composer is drawn so long before the dialog, as from 0.155.1; milliseconds. */
  composerMs: 150,
  /** Ends with this code, so long after the composer stands for good; null: never. */
  exitCode: null,
  exitMs: 100,
  /** Ends with 1, so long after its dialog was drawn; null: never. */
  dialogExitMs: null,
  /** Starts a program that outlives it. */
  child: false,
  /** Takes no notice of SIGTERM. */
  stubborn: false,
  ...(fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {}),
};

const log = (event, more = {}) =>
  fs.appendFileSync(
    path.join(process.env.HOME, "fake-codex.log"),
    `${JSON.stringify({ pid: process.pid, cwd: process.cwd(), event, ...more })}\n`,
  );
const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const draw = (rows) => process.stdout.write(`\x1b[?25l\x1b[H\x1b[2J${rows.join("\r\n")}`);
const compose = () => draw(["", "", "› Ask Codex to do anything", "", "  gpt-5 · ~/project · ? for shortcuts"]);
const lists = {
  ask: [
    "  Folder access",
    `  ${process.cwd()}`,
    "",
    "  Trust this folder? Codex can read, edit, and run files here, subject to your permission settings. Folder settings",
    "  can run code automatically, even without a model request. Continue only if you trust these files. Your trust",
    "  decision will be saved.",
    "",
    "› 1. Trust and continue",
    "  2. Quit",
    "",
    "  enter continue · esc back",
  ],
  restricted: [
    "  Folder access",
    `  ${process.cwd()}`,
    "",
    "  This folder is restricted.",
    "",
    "› 1. Open restricted",
    "  2. Quit",
    "",
    "  enter continue · esc back",
  ],
  update: [
    "  Update available · 0.169.0 → 99.0.0",
    "  Release notes: https://github.com/openai/codex/releases/latest",
    "",
    "› 1. Update now (runs `npm install -g @openai/codex`)",
    "  2. Skip",
    "  3. Skip until next version",
    "",
    "  enter continue · esc skip",
  ],
  "sign-in-and-exit": [
    "  Welcome to Codex, OpenAI's command-line coding agent",
    "",
    "> 1. Sign in with ChatGPT",
    "  2. Provide your own API key",
    "",
    "  Press enter to continue",
  ],
};

const args = process.argv.slice(2);
if (args[0] === "--help") {
  console.log(`Usage: codex [OPTIONS]\n\n  -c, --config <key=value>\n${scenario.noDaemon ? "      --no-daemon\n" : ""}`);
  process.exit(0);
}
log("start", { args, env: Object.keys(process.env) });
process.stdin.setRawMode?.(true);
process.stdin.setEncoding("utf8").on("data", (key) => log("key", { key }));
for (const signal of ["SIGHUP", "SIGTERM"])
  process.on(signal, () => {
    log("signal", { signal });
    if (!scenario.stubborn) process.exit(signal === "SIGTERM" ? 143 : 129);
  });
if (scenario.child) log("child", { child: spawn("sleep", ["600"], { stdio: "ignore" }).pid });

if (scenario.start === "query") {
  const answered = new Promise((resolve) => process.stdin.once("data", resolve));
  process.stdout.write("\x1b[c");
  await answered;
}
compose();
const isTrusted = args.some((arg) => arg.includes(`${JSON.stringify(process.cwd())}={trust_level="trusted"}`));
const list = scenario.start === "ask" && isTrusted ? undefined : lists[scenario.start];
if (list !== undefined) {
  await after(scenario.composerMs);
  draw(list);
  const exitMs = scenario.start === "sign-in-and-exit" ? 20 : scenario.dialogExitMs;
  if (exitMs !== null) setTimeout(() => process.exit(1), exitMs);
} else if (scenario.exitCode !== null) setTimeout(() => process.exit(scenario.exitCode), scenario.exitMs);
log("drawn");
setInterval(() => {}, 1000);
