#!/usr/bin/env node
// Behaves like Codex at its start, and misbehaves on purpose. Plain Node, nothing to install.
//
// Link to it by the name `codex`. What it does is read from `fake-codex.json` beside that link, every field of which has
// a default below; what it was given and pressed is appended to `fake-codex.log` in HOME, one JSON object a line.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
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
  /** Writes in config.toml that it trusts the folder. */
  writesTrust: false,
  /** Writes this and ends with 2; null: does not. */
  lastWords: null,
  /** `app-server`: "answers", "unknown" (it does not know `config/batchWrite`, as 0.63.0), "hangs" and "exits" (at its
   * start), "floods". */
  server: "answers",
  /** What it does to write: "trust", "forget" (says ok and writes nothing), "silent", "exit", "refuse". */
  writes: "trust",
  /** The keys that it writes; "own" is the folder's. */
  records: ["own"],
  /** A person calls the folder untrusted right before the first write. */
  untrustsFirst: false,
  /** Tells no version of config.toml. */
  hidesVersion: false,
  /** Stays after its stdin is closed. */
  staysOn: false,
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
if (args[0] === "app-server") await serve();
log("start", { args, env: Object.keys(process.env) });
if (scenario.lastWords !== null) {
  process.stdout.write(`${scenario.lastWords}\r\n`, () => process.exit(2));
  await new Promise(() => {});
}
if (scenario.writesTrust)
  fs.appendFileSync(
    path.join(process.env.HOME, ".codex", "config.toml"),
    `[projects.${JSON.stringify(process.cwd())}]\ntrust_level = "trusted"\n`,
  );
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

/** `codex app-server`, 0.101.0 to 0.169.0: one JSON object a line. Ends with its stdin. */
async function serve() {
  log("server");
  if (scenario.server === "exits") {
    console.error("Error: the fake has no app-server");
    process.exit(1);
  }
  if (scenario.server === "floods") for (;;) await new Promise((done) => process.stdout.write(`${"x".repeat(65536)}\n`, done));
  let rest = "";
  for await (const text of process.stdin.setEncoding("utf8")) {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) if (scenario.server !== "hangs") answerTo(JSON.parse(line));
  }
  if (scenario.staysOn) await new Promise(() => setInterval(() => {}, 1000));
  process.exit(0);
}

function answerTo({ id, method, params }) {
  log("request", { method });
  const say = (message) => process.stdout.write(`${JSON.stringify({ id, ...message })}\n`);
  const refuse = (message, data) => say({ error: { code: -32600, message, ...(data ? { data } : {}) } });
  const config = path.join(process.env.CODEX_HOME || path.join(process.env.HOME, ".codex"), "config.toml");
  const text = () => (fs.existsSync(config) ? fs.readFileSync(config, "utf8") : "");
  const version = () => `sha256:${createHash("sha256").update(text()).digest("hex")}`;
  const entry = (key, level) => {
    fs.mkdirSync(path.dirname(config), { recursive: true });
    fs.appendFileSync(config, `\n[projects.${JSON.stringify(key)}]\ntrust_level = "${level}"\n`);
  };
  const known = ["initialize", ...(scenario.server === "unknown" ? [] : ["config/read", "config/batchWrite"])];
  if (method === "initialized") return undefined;
  if (!known.includes(method))
    return refuse(`Invalid request: unknown variant \`${method}\`, expected one of \`initialize\``);
  if (method === "initialize") {
    process.stdout.write(`${JSON.stringify({ method: "configWarning", params: { summary: "none" } })}\n`);
    return say({ result: { userAgent: "gatehouse/0.169.0 (fake)" } });
  }
  if (method === "config/read") {
    const layers = [{ name: { type: "user", file: config }, version: version(), config: {} }];
    return say({ result: { config: {}, layers: scenario.hidesVersion ? null : layers } });
  }
  if (params?.edits === undefined) return refuse("Invalid request: missing field `edits`");
  const folders = Object.keys(params.edits[0].value);
  if (scenario.writes === "silent") return undefined;
  if (scenario.writes === "exit") process.exit(7);
  if (scenario.writes === "refuse") return refuse("the fake does not want to", { config_write_error_code: "other" });
  if (scenario.untrustsFirst) entry(folders[0], "untrusted");
  if (params.expectedVersion && params.expectedVersion !== version())
    return refuse("Configuration was modified since last read.", { config_write_error_code: "configVersionConflict" });
  if (scenario.writes === "trust") {
    const keys = scenario.records.flatMap((key) => (key === "own" ? folders : [key]));
    for (const key of keys) entry(key, "trusted");
    log("written", { folders });
  }
  return say({ result: { status: "ok", version: version(), filePath: config } });
}
