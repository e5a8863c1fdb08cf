#!/usr/bin/env node
/**
 * A program without a composer. It asks two questions, one after the other, with its refusal on top and keys lost at
 * first. Then it goes on (`--go-on`: it writes a line every 50 ms until it is ended) or exits, with 0 unless
 * `--exit=CODE` says otherwise. Its last line names what was chosen.
 */
import process from "node:process";

const questions = [
  { title: "Do you agree to the licence?", options: ["Quit", "I agree"], below: [] },
  { title: "Send 3 crash reports?", options: ["Always", "Once", "Never"], below: ["", "Enter to choose"] },
];
/** Keys before this time are lost, in milliseconds after a question was drawn. */
const deafMs = 60;
const exitCode = Number(process.argv.find((arg) => arg.startsWith("--exit="))?.slice(7) ?? 0);

const chosen = [];
let pointed = 0;
let drawnAt = 0;

const draw = () => {
  const { title, options, below } = questions[chosen.length];
  const rows = options.map((label, at) => `${at === pointed ? "> " : "  "}${label}`);
  process.stdout.write(`\x1b[H\x1b[2J${[title, "", ...rows, ...below].join("\r\n")}`);
};

const ask = () => {
  pointed = 0;
  drawnAt = performance.now();
  draw();
};

const finish = () => {
  process.stdout.write(`\x1b[H\x1b[2Jchosen: ${chosen.join(", ")}\r\n`);
  if (!process.argv.includes("--go-on")) process.exit(exitCode);
  let line = 0;
  setInterval(() => process.stdout.write(`working on part ${(line += 1)}\r\n`), 50);
};

const choose = () => {
  chosen.push(questions[chosen.length].options[pointed]);
  if (chosen[0] === "Quit") process.exit(1);
  if (chosen.length < questions.length) ask();
  else finish();
};

process.stdin.setRawMode?.(true);
process.stdin.setEncoding("utf8").on("data", (key) => {
  if (chosen.length === questions.length || performance.now() < drawnAt + deafMs) return;
  const last = questions[chosen.length].options.length - 1;
  if (key === "\r") return choose();
  if (key === "\x1b[B") pointed = Math.min(pointed + 1, last);
  if (key === "\x1b[A") pointed = Math.max(pointed - 1, 0);
  draw();
});
ask();
