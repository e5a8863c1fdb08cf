import { spawn, spawnSync } from "node:child_process";
import { delimiter, dirname } from "node:path";

/** Runs a program and returns its stdout. Throws with all its output if it fails. */
export function run(program, args, { cwd, env = {} }) {
  const child = spawnSync(program, args, {
    cwd,
    env: { ...process.env, npm_config_loglevel: "error", ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.status === 0) return child.stdout;
  const output = `${child.error?.message ?? ""}${child.stdout}${child.stderr}`;
  throw new Error(`${program} ${args.join(" ")} failed (${child.status ?? child.signal}):\n${output}`);
}

/** The PATH with this Node first. */
export const pathWith = (node) => [dirname(node.program), process.env.PATH].join(delimiter);

/** The exit code of our programs after SIGTERM. */
const terminated = 143;

/**
 * Starts a server, waits until it has printed `until`, calls `use`, then ends the server. Throws with all its output if
 * it ends earlier, or with another code than the one for SIGTERM.
 */
export async function whileRunning(program, args, { cwd, env, until }, use) {
  const server = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const ended = new Promise((resolve) => server.on("close", (code, signal) => resolve(code ?? signal)));
  const isReady = new Promise((resolve) => {
    const listen = (text) => {
      said += text;
      if (said.includes(until)) resolve(true);
    };
    server.stdout.on("data", listen);
    server.stderr.on("data", listen);
    server.on("error", (error) => listen(error.message));
    void ended.then(() => resolve(false));
  });
  try {
    if (await isReady) use();
  } finally {
    server.kill("SIGTERM");
  }
  const code = await ended;
  if (code !== terminated) throw new Error(`${args.join(" ")} ended with ${code}:\n${said}`);
}
