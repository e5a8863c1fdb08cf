#!/usr/bin/env node
/**
 * An agent that asks once whether its folder is trusted, as `fake-agent.json` beside it says: what it draws, and what each
 * answer writes. It logs its start and its keys to `fake-agent.log` there.
 */
import fs from "node:fs";
import path from "node:path";
import process from "node:process";

const place = path.dirname(process.argv[1]);
const cwd = fs.realpathSync(process.cwd());

/**
 * `title`, `options` and `below` are rows, in which %CWD% is the folder; `pointer` stands before the option that Enter takes; a row below an option is
 * written behind it, after a newline. `saves`: by option, the path of a file (absolute) and its text, where %CWD% is the
 * folder; with `namedAfterMs` it is written under another name first, and has its own so much later (Kimi Code 2.1.0, which
 * waits for the disk in between); `entry` in the place of a text is what the file, an object, gets for the folder, beside what
 * stood in it when the program started (Qwen Code 0.15.10). `then`: rows drawn behind the answered dialog. Without `options` it shows `then` at once.
 */
const { title = [], options = [], below = [], pointer, saves = {}, then } = JSON.parse(
  fs.readFileSync(path.join(place, "fake-agent.json"), "utf8"),
);

const log = (event) =>
  fs.appendFileSync(path.join(place, "fake-agent.log"), `${JSON.stringify({ cwd, ...event })}\n`);

const draw = (rows) => process.stdout.write(`\x1b[?25l\x1b[H\x1b[2J${rows.join("\r\n")}`);

let pointed = 0;
const dialog = () => [
  ...title.map((row) => row.replace("%CWD%", cwd)),
  ...options.flatMap((option, at) =>
    option.split("\n").map((row, line) => `${at === pointed && line === 0 ? ` ${pointer} ` : "   "}${row}`),
  ),
  ...below,
];

const readEntries = ({ file }) => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {});
const atStart = Object.fromEntries(
  Object.entries(saves).flatMap(([label, saved]) => (saved.entry === undefined ? [] : [[label, readEntries(saved)]])),
);

const save = (label, { file, entry, text = JSON.stringify({ ...atStart[label], [cwd]: entry }), namedAfterMs }) => {
  const written = namedAfterMs === undefined ? file : `${file}.tmp.${process.pid}.0812978d`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(written, text.replaceAll("%CWD%", JSON.stringify(cwd)));
  if (written !== file) setTimeout(() => fs.renameSync(written, file), namedAfterMs);
};

const answer = () => {
  const [label] = options[pointed].split("\n");
  const saved = saves[label];
  log({ event: "answer", label });
  if (saved !== undefined) save(label, saved);
  draw([...dialog(), "", ...then]);
};

log({ event: "start", env: Object.keys(process.env) });
process.stdin.setRawMode?.(true);
process.stdin.setEncoding("utf8").on("data", (key) => {
  if (options.length === 0) return;
  if (key === "\x1b[A") pointed = Math.max(pointed - 1, 0);
  if (key === "\x1b[B") pointed = Math.min(pointed + 1, options.length - 1);
  if (key === "\r") answer();
  else draw(dialog());
});
draw(options.length === 0 ? then : dialog());
setInterval(() => {}, 1_000);
