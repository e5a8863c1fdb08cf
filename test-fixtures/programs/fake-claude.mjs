#!/usr/bin/env node
// Behaves like Claude Code for trust, and misbehaves on purpose. Plain Node, nothing to install.
//
// Link to it by the name `claude`. What it does is read from `fake-claude.json` beside that link, every field of which
// has a default below; what it was given and pressed is appended to `fake-claude.log` in HOME, one JSON object a line.
import { spawn } from "node:child_process";
import fs from "node:fs";
import { openDoor } from "./fake-claude-door.mjs";
import { askTheRest, askTrust } from "./fake-claude-questions.mjs";
import { ask, compose, draw, flood, out } from "./fake-claude-screen.mjs";
import { after, exit, isFirstToAccept, isTrusted, key, log, readJson, scenario, stateFile, update } from "./fake-claude-state.mjs";

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

  if (isAsked) return await openDoor({ scenario, log, update, after, keyOf: key, isFirstToAccept });
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
  if (scenario.startsAtKey && !isBare) {
    log("waits");
    await new Promise((resolve) => process.stdin.once("data", resolve));
  }
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
