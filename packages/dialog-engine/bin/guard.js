// Outlives a program that was killed: then the pipe from it ends. The terminals of what it had started hang
// up at that moment, and what takes no notice of it is ended here, with its process group. The groups are
// named as arguments, and on standard input, a line each: `+4711` from now on, `-4711` no longer;
// `4711:10000` has 10,000 ms to end by itself.
import process from "node:process";

/** Time to end by the hangup, unless said otherwise, and between two looks; milliseconds. */
const [graceMs, lookMs] = [1_000, 20];
/** Groups, each with its time to end. */
const groups = new Map();

const add = (text) => {
  const [group, ms = graceMs] = text.split(":").map(Number);
  if (group > 1) groups.set(group, ms);
};
for (const text of process.argv.slice(2)) add(text);

/** Signals a group; 0 only asks whether it is there. */
const reaches = (group, signal) => {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
    return false;
  }
};

const look = (left, waitedMs) => {
  const there = left.filter(([group]) => reaches(group, 0));
  for (const [group, ms] of there) if (waitedMs >= ms) reaches(group, "SIGKILL");
  const waiting = there.filter(([, ms]) => waitedMs < ms);
  if (waiting.length > 0) setTimeout(() => look(waiting, waitedMs + lookMs), lookMs);
};

const take = (line) => {
  if (line.startsWith("+")) add(line.slice(1));
  else groups.delete(Number(line.slice(1)));
};

let rest = "";
process.stdin
  .setEncoding("utf8")
  .on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  })
  .on("end", () => look([...groups], 0));
