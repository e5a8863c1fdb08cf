import { spawnSync } from "node:child_process";
import { createRecorder, driveDialogs, formatCast, redactCast, type DriveResult } from "@trust/dialog-engine";
import { openPty, systemClock } from "@trust/dialog-engine/node";
import { openBox } from "../box/box.ts";
import { pathFor, type InstalledCli } from "../clis/cli-cache.ts";
import { endTerminal } from "../start/end-terminal.ts";
import { agents, apiKey, type AgentName } from "./agents.ts";
import { claudeKey, project, type Recording } from "./recordings.ts";

/** A finished recording: the file's text and the end of its run. */
export type DrivenCast = { readonly text: string; readonly result: DriveResult };

/**
 * The fixed place of recordings. A second recorder at the same time finds it in use, and stops. Codex refuses a HOME
 * below the system's folder for temporary files.
 */
const rootOf = (provider: AgentName): string => (provider === "codex" ? "/opt/h" : "/tmp/h");

/** Time limit of a recording, ms: on a busy machine Qwen 0.24.4 took more than 20 s to start. */
const patience = 60_000;

/** The account `nobody`, which exists on every Linux. */
const unprivileged = [
  "setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--inh-caps=-all",
] as const;

/** Why this CLI cannot be started as another user; null if it can. */
export const unprivilegedProblem = (cli: InstalledCli): string | null => {
  const [command, ...args] = [...unprivileged, "test", "-x", cli.path];
  const { status } = spawnSync(command, args, { cwd: "/" });
  return status === 0
    ? null
    : "another user cannot start the CLI: set GATEHOUSE_CACHE to a folder all may read";
};

/** Starts the CLI as the row says, answers the dialogs with a consent, and records until the run ends. */
export const record = async (cli: InstalledCli, recording: Recording): Promise<DrivenCast> => {
  const { provider, name, why, consents, env = {} } = recording;
  const { pack, setUp, args: own } = agents[provider];
  const args = [...(own?.(cli.version) ?? []), ...(recording.args ?? [])];
  const box = openBox(rootOf(provider));
  try {
    const cwd = box.folder(project);
    if (!recording.fresh) setUp(box);
    recording.arrange?.(box);
    if (recording.unprivileged) spawnSync("chown", ["-R", "65534:65534", box.root]);
    const recorder = createRecorder({
      title: `${provider} ${cli.version} ${name}: ${why}`,
      command: [provider, ...args].join(" "),
    });
    const [file = "", ...argv] = [...(recording.unprivileged ? unprivileged : []), cli.path, ...args];
    const PATH = pathFor(cli.path, box.env["PATH"]);
    const opened = await openPty({ file, args: argv, cwd, env: { ...box.env, PATH, ...env } });
    if (!opened.ok) throw new Error(opened.error.message);
    const result = await driveDialogs({
      terminal: opened.value,
      clock: systemClock,
      pack,
      consents,
      until: "ready",
      folder: { path: cwd, home: box.home },
      limits: { phaseMs: patience, totalMs: patience },
      onEvent: recorder.record,
    });
    await endTerminal(opened.value);
    return { text: formatCast(redactCast(recorder.cast(), [apiKey, claudeKey])), result };
  } finally {
    box.remove();
  }
};
