import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Milliseconds. `codex --help` took 0.7 s on a busy machine (0.169.0, from npm). */
const helpTimeout = 10_000;

/**
 * True if the help of this Codex lists `--no-daemon` (0.169.0 does, 0.155.1 does not). The help runs with a
 * temporary home, because 0.169.0 creates folders there.
 */
export const takesNoDaemon = async (
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<boolean> => {
  const home = await mkdtemp(join(tmpdir(), "orchestrator-adapter-"));
  try {
    const help = await stdoutOf(file, { ...env, HOME: home, CODEX_HOME: join(home, ".codex") }, home);
    return /(?:^|\s)--no-daemon\b/.test(help);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};

const stdoutOf = (file: string, env: Readonly<Record<string, string>>, cwd: string): Promise<string> =>
  new Promise((resolve) => {
    const options = { env, cwd, timeout: helpTimeout, killSignal: "SIGKILL" } as const;
    execFile(file, ["--help"], options, (error, stdout) => resolve(error === null ? stdout : ""));
  });
