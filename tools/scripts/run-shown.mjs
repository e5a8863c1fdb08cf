import { spawn } from "node:child_process";
import { clearInterval, setInterval } from "node:timers";

/** A failed step of the set-up. `output` is everything that the tool printed. */
export class SetUpError extends Error {
  constructor(message, output = "") {
    super(message);
    this.output = output;
  }
}

/** npm and pnpm print one of these codes if they cannot reach the registry. */
const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|EIDLETIMEOUT|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b/;

/**
 * Runs a step of the set-up that may take a minute, and shows its name, its time and the tool's own count: on a
 * terminal in one line that is redrawn each second, elsewhere in a new line every 10 s. Throws SetUpError with the
 * tool's output if the step fails.
 */
export async function runShown({ doing, done, command, cwd, env, countIn }, output = process.stderr) {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  let printed = "";
  output.write(`${doing} ...${output.isTTY ? "" : "\n"}`);
  const show = () => {
    const line = [`${doing} ... ${seconds()} s`, countIn(printed)].filter(Boolean).join(", ");
    output.write(output.isTTY ? `\r\x1b[K${line.slice(0, (output.columns || 80) - 1)}` : `${line}\n`);
  };
  const showing = setInterval(show, output.isTTY ? 1000 : 10_000);
  const reason = await endOf(command, { cwd, env }, (text) => (printed += text));
  clearInterval(showing);
  if (output.isTTY) output.write("\r\x1b[K");
  if (reason === null) return void output.write(`${done} in ${seconds()} s.\n`);
  const why = unreachable.test(printed) ? "the npm registry cannot be reached" : reason;
  throw new SetUpError(`Set-up failed (${doing.toLowerCase()}): ${why}.`, printed);
}

/** Runs a program. Resolves with null if it exits with 0, else with the reason of its failure. */
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
