import { spawn } from "node:child_process";
import { clearInterval, setInterval } from "node:timers";

/** A step of the set-up that failed: what was tried, and everything the tool said. */
export class SetUpError extends Error {
  constructor(message, output = "") {
    super(message);
    this.output = output;
  }
}

/** npm and pnpm print one of these codes if they could not reach the registry at all. */
const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|EIDLETIMEOUT|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b/;

/**
 * Runs a step of the set-up that may take a minute, and shows it: what it is, for how long, and the tool's
 * own count, redrawn each second on a terminal, elsewhere a line every 10 s. The tool's output is kept for a
 * failure, which throws SetUpError.
 */
export async function runShown({ doing, done, command, cwd, env, countIn }, output = process.stderr) {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  let said = "";
  output.write(`${doing} ...${output.isTTY ? "" : "\n"}`);
  const show = () => {
    const line = [`${doing} ... ${seconds()} s`, countIn(said)].filter(Boolean).join(", ");
    output.write(output.isTTY ? `\r\x1b[K${line.slice(0, (output.columns || 80) - 1)}` : `${line}\n`);
  };
  const showing = setInterval(show, output.isTTY ? 1000 : 10_000);
  const reason = await endOf(command, { cwd, env }, (text) => (said += text));
  clearInterval(showing);
  if (output.isTTY) output.write("\r\x1b[K");
  if (reason === null) return void output.write(`${done} in ${seconds()} s.\n`);
  const why = unreachable.test(said) ? "the npm registry cannot be reached" : reason;
  throw new SetUpError(`Set-up failed (${doing.toLowerCase()}): ${why}.`, said);
}

/** Null if the program ended well, else why it did not. */
function endOf([file, ...args], { cwd, env }, onText) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", onText);
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) =>
      resolve(code === 0 ? null : code === null ? `ended by ${signal}` : `exit code ${code}`),
    );
  });
}
