import type { Result } from "@gatehouse/std";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as after } from "node:timers/promises";
import type { ClaudeCli } from "../claude/find-cli.ts";
import type { ClaudeHome } from "../claude/claude-home.ts";
import { until } from "../wait.ts";
import { finish, type Competitor } from "./competitor.ts";

/** A tmux server of its own with one pane, in which the CLI runs. */
type Pane = {
  readonly capture: () => Promise<string>;
  readonly send: (key: "Down" | "Enter") => Promise<unknown>;
  readonly end: () => Promise<unknown>;
};

/** tmux only sends a hangup to its panes, and the CLI then goes on writing for a while. */
const killed = (pid: number): Promise<boolean> => until(() => !sendKill(pid), 5_000);

/** Whether there was a process to kill. */
const sendKill = (pid: number): boolean => {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
};

const openPane = async (cli: ClaudeCli, claudeHome: ClaudeHome, folder: string): Promise<Pane> => {
  const socket = join(claudeHome.root, "tmux.sock");
  const tmux = (...args: readonly string[]) =>
    finish("tmux", ["-S", socket, "-f", "/dev/null", ...args], claudeHome.env);
  const size = ["-x", "120", "-y", "40"];
  const started = await tmux(
    ...["new-session", "-d", "-P", "-F", "#{pane_pid}", ...size, "-c", folder, cli.path, ...claudeHome.args],
  );
  const pid = started.ok ? Number(started.value) : null;
  return {
    capture: async () => {
      const screen = await tmux("capture-pane", "-p", "-S", "-120");
      return screen.ok ? screen.value : "";
    },
    send: (key) => tmux("send-keys", key),
    end: async () => {
      if (pid !== null) await killed(pid);
      await tmux("kill-server");
    },
  };
};

const isAsked = (screen: string) => screen.includes("Enter to confirm");
const isOnYes = (screen: string) => /❯ *Yes/.test(screen);

/** True once `found` returns true, called at this interval in milliseconds; false after 6 s. */
const poll = async (everyMs: number, found: () => boolean | Promise<boolean>): Promise<boolean> => {
  const deadline = performance.now() + 6_000;
  while (!(await found())) {
    if (performance.now() > deadline) return false;
    await after(everyMs);
  }
  return true;
};

const inPane =
  (answer: (pane: Pane, claudeHome: ClaudeHome, folder: string) => Promise<boolean>): Competitor["trust"] =>
  async (cli, claudeHome, folder): Promise<Result<null, string>> => {
    const pane = await openPane(cli, claudeHome, folder);
    const isTrusted = await answer(pane, claudeHome, folder);
    await pane.end();
    return isTrusted ? { ok: true, value: null } : { ok: false, error: "tmux: trust did not come on disk" };
  };

/**
 * A careful loop over pane captures: sees the question, waits out its dead window, presses Down, sees the
 * pointer move, presses Enter, and checks the state file as often as the pane.
 */
export const tmuxPolling = (everyMs: number): Competitor => ({
  name: `tmux, every ${everyMs} ms`,
  needs: { program: "tmux", versionFlag: "-V" },
  trust: inPane(async (pane, claudeHome, folder) => {
    if (!(await poll(everyMs, async () => isAsked(await pane.capture())))) return false;
    await after(200);
    await pane.send("Down");
    if (!(await poll(everyMs, async () => isOnYes(await pane.capture())))) return false;
    await pane.send("Enter");
    return poll(everyMs, () => claudeHome.isTrusted(folder) && !claudeHome.isLocked());
  }),
});

/** Milliseconds, as in GasCity's `internal/runtime/dialog.go` (15df7260, September 2026). */
const gasCity = { pollMs: 500, interKeyMs: 200, acceptDelayMs: 500 };

/**
 * GasCity's schedule with the keys for the present order of options: it polls the pane until it recognises
 * the question, sends Down and Enter separately, waits for the accept delay, and polls until it sees the
 * prompt.
 */
export const gasCitySchedule: Competitor = {
  name: "GasCity's schedule",
  needs: { program: "tmux", versionFlag: "-V" },
  trust: inPane(async (pane, claudeHome, folder) => {
    if (!(await poll(gasCity.pollMs, async () => isAsked(await pane.capture())))) return false;
    await pane.send("Down");
    await after(gasCity.interKeyMs);
    await pane.send("Enter");
    await after(gasCity.acceptDelayMs);
    if (!(await poll(gasCity.pollMs, async () => !isAsked(await pane.capture())))) return false;
    return poll(gasCity.pollMs, () => claudeHome.isTrusted(folder) && !claudeHome.isLocked());
  }),
};
