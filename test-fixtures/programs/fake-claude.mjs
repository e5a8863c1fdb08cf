#!/usr/bin/env node
// Behaves like Claude Code for trust, and misbehaves on purpose. Plain Node, nothing to install.
//
// Link to it by the name `claude`. What it does is read from `fake-claude.json` beside that link, every field of which
// has a default below; what it was given and pressed is appended to `fake-claude.log` in HOME, one JSON object a line.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { doorDefaults, openDoor } from "./fake-claude-door.mjs";

const home = process.env.HOME;
const stateFile = path.join(process.env.CLAUDE_CONFIG_DIR || home, ".claude.json");
const lock = `${stateFile}.lock`;

const readJson = (file, otherwise) => {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return otherwise;
  }
};

const scenario = {
  ...doorDefaults,
  version: "2.1.328",
  /** Before anything is drawn; milliseconds, as all times here. */
  startMs: 30,
  /** "no-first" as from 2.1.248, "yes-first" as before. */
  order: "no-first",
  numbered: false,
  /** Keys are lost for so long after the dialog was drawn. */
  deadMs: 150,
  /** The dialog mounts again then, and its pointer is back at the first option; null: never. */
  remountMs: 150,
  /** The dialog is drawn again, as it is, as often as that; null: only at a key. */
  redrawMs: null,
  /** From Enter to the write, and how long the lock is held. */
  writeMs: 5,
  lockMs: 10,
  /** How long a lock that stands is waited for before it is broken. */
  patienceMs: 15_000,
  /** Writes beside a lock that stands instead, as Claude does over its control protocol. */
  besideLock: false,
  /** "ask", "crash", "hang" (draws nothing), "unknown" (a dialog nobody knows), "composer" (does not ask), "flood". */
  start: "ask",
  /** A composer stands for so long before the dialog does; null: none does. */
  composerFirstMs: null,
  /** Takes no notice of a hangup or a polite end. */
  stubborn: false,
  /** The folder that the dialog names; null: the one it was started in. */
  shows: null,
  /** A sentence more in the dialog. */
  says: null,
  /** What "flood" writes: once, and for so many bytes a second (null: as fast as they are read) for ever after. */
  flood: "",
  floodAgain: "",
  floodRate: null,
  /** "trust", "crash", "hang", "forget" (goes on without writing), "leave-lock" (writes, and dies with the lock). */
  accept: "trust",
  /** The keys that accepting records; null: the one that Claude would. "own" stands for that one. */
  records: null,
  /** Asks about ANTHROPIC_API_KEY after trust, also with --bare. */
  apiKey: false,
  /** Writes back, so long after its start, the whole state it read then: what others wrote meanwhile is lost. */
  clobberMs: null,
  /** Starts a program that outlives it, once its prompt stands. */
  child: false,
  ...readJson(path.join(path.dirname(process.argv[1]), "fake-claude.json"), {}),
};

const log = (event, more = {}) =>
  fs.appendFileSync(
    path.join(home, "fake-claude.log"),
    `${JSON.stringify({ pid: process.pid, cwd: process.cwd(), event, ...more })}\n`,
  );

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const out = (text) => process.stdout.write(text);
const draw = (rows) => out(`\x1b[?25l\x1b[H\x1b[2J${rows.join("\r\n")}`);
const rule = "─".repeat(100);

/** As Claude: a folder beside the file is the lock, a new file is renamed over the old one. */
const update = async (change) => {
  const startedAt = Date.now();
  const isBeside = scenario.besideLock && fs.existsSync(lock);
  while (!isBeside) {
    try {
      fs.mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (Date.now() - startedAt > scenario.patienceMs) fs.rmSync(lock, { recursive: true, force: true });
      else await after(10);
    }
  }
  const state = readJson(stateFile, {});
  change(state);
  const temporary = `${stateFile}.tmp.${process.pid}`;
  fs.writeFileSync(temporary, JSON.stringify(state, null, 2));
  await after(scenario.lockMs);
  fs.renameSync(temporary, stateFile);
  log("written");
  if (scenario.accept === "leave-lock" && state.projects?.[key()]?.hasTrustDialogAccepted) {
    log("exit", { code: 1, why: "with the lock" });
    process.kill(process.pid, "SIGKILL");
  }
  await after(scenario.lockMs);
  if (!isBeside) fs.rmdirSync(lock);
};

const cwd = fs.realpathSync(process.cwd());

/** The nearest folder with a `.git`; null outside of every repository. */
const gitRoot = (from = cwd) => {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, ".git"))) return folder;
    if (path.dirname(folder) === folder) return null;
  }
};

/** The git root, or the main checkout of a worktree (whose `.git` is a file that names it), else the real path. */
const key = (from = cwd) => {
  const root = gitRoot(from);
  if (root === null || fs.statSync(path.join(root, ".git")).isDirectory()) return root ?? from;
  const [, main] = /^gitdir: (.+)\/\.git\/worktrees\//.exec(fs.readFileSync(path.join(root, ".git"), "utf8")) ?? [];
  return main ?? root;
};

/** What the folder's own settings allow without asking. */
const preApproved = () => readJson(path.join(cwd, ".claude", "settings.json"), {}).permissions?.allow ?? [];

/** Folders above count down to the git root, as from 2.1.232; where permissions are pre-approved only the key does. */
const isTrusted = () => {
  const projects = readJson(stateFile, {}).projects ?? {};
  if (projects[key()]?.hasTrustDialogAccepted) return true;
  const root = gitRoot();
  for (let folder = cwd; preApproved().length === 0; folder = path.dirname(folder)) {
    if (projects[folder]?.hasTrustDialogAccepted) return true;
    if (folder === root || path.dirname(folder) === folder) return false;
  }
  return false;
};

/** Shows a list and resolves with the option that Enter confirmed. Its list does not wrap. */
const ask = (title, options, footer = "Enter to confirm · Esc to cancel") =>
  new Promise((resolve) => {
    let pointed = 0;
    const drawnAt = Date.now();
    const paint = () =>
      draw([
        rule,
        ...title,
        "",
        ...options.map((label, at) => {
          const number = scenario.numbered ? `${at + 1}. ` : "";
          return `${at === pointed ? " ❯ " : "   "}${number}${label}`;
        }),
        "",
        ` ${footer}`,
      ]);
    paint();
    const redrawing = scenario.redrawMs === null ? null : setInterval(paint, scenario.redrawMs);
    if (scenario.remountMs !== null)
      setTimeout(() => {
        pointed = 0;
        paint();
      }, scenario.remountMs);
    const onKey = (data) => {
      const isLost = Date.now() - drawnAt < scenario.deadMs;
      log("key", { key: data, isLost, pointed: options[pointed] });
      if (isLost) return;
      if (data === "\x1b[A") pointed = Math.max(pointed - 1, 0);
      if (data === "\x1b[B") pointed = Math.min(pointed + 1, options.length - 1);
      if (data !== "\r") return paint();
      process.stdin.off("data", onKey);
      clearInterval(redrawing);
      resolve(options[pointed]);
    };
    process.stdin.on("data", onKey);
  });

const exit = (code, why) => {
  log("exit", { code, why });
  process.exit(code);
};

const askTrust = async () => {
  const yes = "Yes, I trust this folder";
  const options = scenario.order === "no-first" ? ["No, exit", yes] : [yes, "No, exit"];
  const rules = preApproved();
  const title = [
    " Accessing workspace:",
    ` ${scenario.shows ?? process.cwd()}`,
    " Quick safety check: Is this a project you created or one you trust? (Like your own code, a well-known open source",
    " project, or work from your team). If not, take a moment to review what's in this folder first.",
    " Claude Code'll be able to read, edit, and execute files here.",
    ...(rules.length > 0
      ? [
          ` ⚠ This folder pre-approves ${rules.length} tool permission${rules.length === 1 ? "" : "s"} in .claude/settings.json:`,
          `   ${listed(rules)}`,
          " These will apply without asking. Only proceed if you trust this configuration.",
        ]
      : []),
    ...(scenario.says === null ? [] : [` ${scenario.says}`]),
    " Security guide",
  ];
  if ((await ask(title, options)) !== yes) exit(1, "refused");
  log("accepted");
  if (scenario.accept === "crash") exit(3, "crashed on accepting");
  if (scenario.accept === "hang") return await new Promise(() => setInterval(() => {}, 1000));
  await after(scenario.writeMs);
  if (scenario.accept === "forget") return;
  await update((state) => {
    const keys = (scenario.records ?? ["own"]).map((name) => (name === "own" ? key() : name));
    const accepted = keys.map((name) => [name, { allowedTools: [], hasTrustDialogAccepted: true }]);
    state.projects = { ...state.projects, ...Object.fromEntries(accepted) };
  });
};

/** "a", "a and b", "a, b, and c": as 2.1.328 writes a list. */
const listed = (items) =>
  items.length < 3 ? items.join(" and ") : `${items.slice(0, -1).join(", ")}, and ${items.at(-1)}`;

/** What a plain start asks when the folder is trusted, in the order of 2.1.328; --bare leaves the first two out. */
const askTheRest = async (isBare) => {
  const servers = Object.keys(readJson(path.join(cwd, ".mcp.json"), {}).mcpServers ?? {});
  if (!isBare && servers.length > 0)
    await ask(
      [
        `  New MCP server found in this project: ${servers[0]}`,
        "  MCP servers may execute code or access system resources. All tool calls require approval. Learn more in the MCP",
        "  documentation.",
      ],
      ["Use this MCP server", "Use this and all future MCP servers in this project", "Continue without using this MCP server"],
    );
  const memory = path.join(cwd, "CLAUDE.md");
  if (!isBare && fs.existsSync(memory) && fs.readFileSync(memory, "utf8").startsWith("@../"))
    await ask(
      [
        "  Allow external CLAUDE.md file imports?",
        "  This project's CLAUDE.md or .claude/rules imports files outside the current working directory. Never allow this for",
        "  third-party repositories.",
        "  Important: Only use Claude Code with files you trust. Accessing untrusted files may pose security risks",
        "  https://code.claude.com/docs/en/security",
      ],
      ["No, disable external imports", "Yes, allow external imports"],
    );
  const apiKey = process.env.ANTHROPIC_API_KEY;
  if (apiKey && (scenario.apiKey || !isBare))
    await ask(
      [
        "  Detected a custom API key in your environment",
        `  ANTHROPIC_API_KEY: sk-ant-...${apiKey.slice(-20)}`,
        "  Do you want to use this API key?",
      ],
      ["Yes", "No (recommended)"],
    );
};

/** A prompt that says how large it believes the terminal to be. Ctrl-D there ends with 7. */
const compose = () => {
  const { columns, rows } = process.stdout;
  draw([` Claude Code ${columns} x ${rows}`, "", rule, "❯ ", rule, "  ? for shortcuts"]);
};

/** Writes on and on; what is not read yet keeps it waiting. Ctrl-C ends it. */
const flood = async () => {
  process.stdin.on("data", (key) => key === "\x03" && exit(130, "Ctrl-C"));
  out(scenario.flood);
  log("flood");
  const piece = scenario.floodAgain.repeat(Math.ceil(16_384 / (scenario.floodAgain.length || 1)));
  const startedAt = Date.now();
  for (let written = 0; piece !== ""; written += piece.length) {
    if (!out(piece)) await new Promise((resolve) => process.stdout.once("drain", resolve));
    if (scenario.floodRate !== null) await after((written / scenario.floodRate) * 1000 - (Date.now() - startedAt));
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise(() => setInterval(() => {}, 1000));
};

const main = async () => {
  const args = process.argv.slice(2);
  if (args[0] === "--version") return out(`${scenario.version} (Claude Code)\n`);
  const isAsked = args.includes("--input-format");
  log(isAsked ? "door" : "start", { args, env: Object.keys(process.env) });
  const [, minor, patch] = scenario.version.split(".").map(Number);
  const isBare = args.includes("--bare");
  if (isBare && (minor < 1 || (minor === 1 && patch < 81))) {
    process.stderr.write("error: unknown option '--bare'\n");
    exit(1, "too old");
  }
  const mcpFile = args[args.indexOf("--mcp-config") + 1];
  if (args.includes("--mcp-config") && !readJson(mcpFile, {}).mcpServers) exit(1, "Invalid MCP configuration");

  if (isAsked) return await openDoor({ scenario, log, update, after, keyOf: key });
  if (scenario.stubborn) {
    for (const signal of ["SIGHUP", "SIGTERM"]) process.on(signal, () => {});
    setInterval(() => {}, 1000);
  }
  process.stdin.setRawMode?.(true);
  process.stdin.setEncoding("utf8").resume();
  const before = readJson(stateFile, {});
  if (scenario.clobberMs !== null)
    setTimeout(() => fs.writeFileSync(stateFile, JSON.stringify(before)), scenario.clobberMs);
  await after(scenario.startMs);
  if (scenario.start === "crash") {
    out("Something is broken here.\r\n");
    exit(7, "crashed at the start");
  }
  if (scenario.start === "hang") return await new Promise(() => setInterval(() => {}, 1000));
  if (scenario.start === "flood") return await flood();
  if (!before.hasCompletedOnboarding && isBare)
    await ask(
      [" Choose the text style that looks best with your terminal"],
      ["1. Auto (match terminal) ✔", "2. Dark mode", "3. Light mode"],
    );
  if (!before.hasCompletedOnboarding) {
    draw([" Unable to connect to Anthropic services", "", " Failed to connect to api.anthropic.com: ENOTFOUND"]);
    await after(20);
    exit(1, "no connection");
  }
  if (scenario.start === "unknown")
    await ask([" A question that nobody has heard of", " It deletes everything."], ["Yes", "No"]);
  if (scenario.composerFirstMs !== null && !isTrusted()) {
    compose();
    await after(scenario.composerFirstMs);
  }
  if (scenario.start !== "composer" && !isTrusted()) await askTrust();
  await askTheRest(isBare);
  compose();
  log("composer");
  process.stdout.on("resize", compose);
  process.stdin.on("data", (data) => {
    log("typed", { key: data });
    if (data === "\x04") exit(7, "Ctrl-D");
  });
  if (scenario.child) log("child", { child: spawn("sleep", ["600"], { stdio: "ignore" }).pid });
  setInterval(() => {}, 1000);
};

await main();
