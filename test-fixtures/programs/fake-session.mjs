#!/usr/bin/env node
// A coding agent's session as Claude Code draws it, without a model: a composer that takes pastes and keys, work that can be
// seen, questions, and an end. Plain Node, nothing to install. Link to it by the name `claude`.
//
// What it is told to do is the prompt: `echo WORDS` answers them, `work MS`, `ask` (a question with two options), `ask again`
// (two of them, one after the other), `flood BYTES`, `child` (a process that leaves its group), `forks` (one that also forks all the time), `exit CODE`, `evil` (an
// answer of escape sequences), `lose` (loses the next two Enters). Keys and starts are appended to `fake-session.log` in HOME.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const log = (event, more = {}) =>
  fs.appendFileSync(
    path.join(process.env.HOME, "fake-session.log"),
    `${JSON.stringify({ pid: process.pid, event, ...more })}\n`,
  );

/** `fake-session.json` beside the link: what it starts with. */
const readJson = (file) => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {});
const { startMs = 20, start = "composer", stubborn = false } = readJson(
  path.join(path.dirname(process.argv[1]), "fake-session.json"),
);

if (process.argv.includes("--version")) {
  process.stdout.write("2.1.328 (Claude Code)\n");
  process.exit(0);
}
log("start", { args: process.argv.slice(2), env: Object.keys(process.env).sort() });
if (stubborn) for (const name of ["SIGHUP", "SIGTERM", "SIGINT"]) process.on(name, () => log("signal", { name }));

let draft = "";
let transcript = [];
let mode = "composer";
let pointed = 0;
let asked = "";
let lost = 0;
const options = ["Yes, do it", "No, and tell it what to do instead"];

const draw = () => {
  const { columns = 80 } = process.stdout;
  const rule = "─".repeat(columns);
  const rows =
    mode === "ask"
      ? [rule, ` ${asked}`, "", ...options.map((it, at) => `${at === pointed ? " ❯ " : "   "}${at + 1}. ${it}`), "", " Esc to cancel"]
      : [
          ...(mode === "work" ? ["✻ Thinking… (esc to interrupt)", ""] : []),
          rule,
          ...(draft === "" ? ["❯ "] : draft.split("\n").map((row, at) => `${at === 0 ? "❯" : " "} ${row}`)),
          rule,
          "  ? for shortcuts",
        ];
  const size = ` ${process.stdout.columns}x${process.stdout.rows}`;
  const shown = [`fake session${size}`, ...transcript.slice(-12), "", ...rows];
  process.stdout.write(`\x1b[?25l\x1b[H\x1b[2J${shown.join("\r\n")}`);
};

const composer = () => {
  mode = "composer";
  draw();
};
const work = (ms, then) => {
  mode = "work";
  draw();
  setTimeout(then, ms);
};
const answer = (text) => {
  transcript.push(`● ${text}`);
  composer();
};
const ask = (question) => {
  [mode, pointed, asked] = ["ask", 0, question];
  draw();
};

const acts = {
  echo: (words) => work(50, () => answer(words)),
  work: (ms) => work(Number(ms), () => answer("done")),
  ask: (times) => ask(times === "again" ? "May I run the first command?" : "May I run this command?"),
  exit: (code) => {
    answer("goodbye");
    setTimeout(() => process.exit(Number(code)), 20);
  },
  flood: (bytes) => {
    mode = "work";
    const line = `${"all work and no play ".repeat(10)}\r\n`;
    const piece = line.repeat(300);
    let left = Number(bytes);
    const more = () => {
      while (left > 0) {
        left -= piece.length;
        if (!process.stdout.write(piece)) return process.stdout.once("drain", more);
      }
      answer(`flooded ${bytes}`);
    };
    more();
  },
  // Forks every 0.2 ms out of its group, and each parent ends at once; by itself it ends after 30,000 forks.
  forks: () => {
    const beats = path.join(process.env.HOME, "beats");
    const code = `open my $beats, ">>", $ARGV[0]; setpgrp;
      for (1 .. 30000) { exit if fork; syswrite $beats, "."; select undef, undef, undef, 0.0002 }`;
    spawn("perl", ["-e", code, beats], { detached: true, stdio: "ignore" }).unref();
    log("forks", { beats });
    answer("forks");
  },
  child: () => {
    const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
    child.unref();
    log("child", { child: child.pid });
    answer("started a child");
  },
  evil: () => answer("\x1b]52;c;ZXZpbA==\x07\x1b]0;evil\x07\x1bP$q q\x1b\\\u202eplain\x1b[5n\x9b6n"),
  lose: () => {
    lost = 2;
    composer();
  },
};

const submit = () => {
  const [verb, ...rest] = draft.split(" ");
  log("prompt", { text: draft });
  transcript.push(...draft.split("\n").map((row, at) => `${at === 0 ? ">" : " "} ${row}`));
  draft = "";
  const act = acts[verb];
  if (act) act(rest.join(" "));
  else answer("I do not know that");
};

const choose = () => {
  const chosen = options[pointed];
  log("answer", { question: asked, chosen });
  transcript.push(`${asked} ${chosen}`);
  if (asked.includes("first")) ask("May I run the second command?");
  else composer();
};

const key = (text) => {
  if (mode === "ask") {
    if (text === "\x1b[A" || text === "\x1bOA") pointed = Math.max(0, pointed - 1);
    if (text === "\x1b[B" || text === "\x1bOB") pointed = Math.min(options.length - 1, pointed + 1);
    if (text === "\r") return choose();
    return draw();
  }
  if (text === "\r") {
    if (draft === "") return;
    if (lost > 0) return void (lost -= 1);
    return submit();
  }
  if (text === "\x03") process.exit(130);
  if (!text.startsWith("\x1b")) draft += text;
  draw();
};

let input = "";
process.stdin.setRawMode?.(true);
process.stdin.setEncoding("utf8").on("data", (data) => {
  input += data;
  for (;;) {
    // eslint-disable-next-line no-control-regex
    const found = /^(?:\x1b\[200~([^]*?)\x1b\[201~|\x1b\[[\d;?]*[A-Za-z]|\x1bO[A-D]|\x1bP[^]*?\x1b\\|\x1b\][^]*?(?:\x07|\x1b\\)|[^\x1b])/u.exec(input);
    if (!found) return;
    input = input.slice(found[0].length);
    log("key", { key: found[0] });
    if (found[1] !== undefined) {
      if (mode !== "ask") draft += found[1];
      draw();
    } else key(found[0]);
  }
});
process.stdout.on("resize", draw);
setTimeout(() => {
  process.stdout.write("\x1b[?2004h");
  if (start === "ask") ask("Do you like this start?");
  else if (start === "exit") {
    process.stdout.write("cannot start: no licence\r\n");
    process.exit(7);
  } else if (start === "composer") composer();
}, startMs);
