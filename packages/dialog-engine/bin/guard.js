// Outlives a program that was killed: then the pipe from it ends. The terminals of what it had started hang up at that
// moment, and what takes no notice of it is ended here, with its process group. The groups are named as arguments, and on
// standard input, a line each: `+4711` from now on, `-4711` no longer.
import process from "node:process";

const groups = new Set(process.argv.slice(2).map(Number));
/** Time to end by the hangup, and between two looks; milliseconds. */
const [graceMs, lookMs] = [1_000, 20];

/** Signals a group; 0 only asks whether it is there. */
const reaches = (group, signal) => {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
    return false;
  }
};

const look = (left, leftMs) => {
  const there = left.filter((group) => reaches(group, 0));
  if (there.length === 0) return;
  if (leftMs <= 0) for (const group of there) reaches(group, "SIGKILL");
  else setTimeout(() => look(there, leftMs - lookMs), lookMs);
};

const take = (line) => {
  const group = Number(line.slice(1));
  if (line.startsWith("+") && group > 1) groups.add(group);
  else groups.delete(group);
};

let rest = "";
process.stdin
  .setEncoding("utf8")
  .on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  })
  .on("end", () => look([...groups], graceMs));
