import { spawnSync } from "node:child_process";
import {
  createRecorder,
  driveDialogs,
  formatCast,
  redactCast,
  type DriveResult,
  type Terminal,
} from "@trust/dialog-engine";
import { openPty, systemClock } from "@trust/dialog-engine/node";
import { claudePack } from "@trust/dialog-engine/packs";
import { openBox, setUpProfile, type Box } from "../box/box.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { project, type Recording } from "./recordings.ts";

/** A finished recording: the file's text and the end of its run. */
export type DrivenCast = { readonly text: string; readonly result: DriveResult };

/** The fixed place of every recording. A second recorder at the same time finds it in use, and stops. */
const root = "/tmp/h";

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

const start = async (box: Box, cli: InstalledCli, recording: Recording): Promise<Terminal> => {
  if (recording.unprivileged) spawnSync("chown", ["-R", "65534:65534", box.root]);
  const argv = [...(recording.unprivileged ? unprivileged : []), cli.path, ...(recording.args ?? [])];
  const [file = "", ...args] = argv;
  const opened = await openPty({ file, args, cwd: box.path(project), env: { ...box.env, ...recording.env } });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
};

const end = (terminal: Terminal): Promise<void> =>
  new Promise((resolve) => {
    terminal.onExit(() => resolve());
    terminal.kill();
  });

/** Starts the CLI as the row says, answers the dialogs with a consent, and records it until that ends. */
export const record = async (cli: InstalledCli, recording: Recording): Promise<DrivenCast> => {
  const box = openBox(root);
  try {
    box.folder(project);
    if (!recording.fresh) box.write(".claude.json", setUpProfile());
    recording.arrange?.(box);
    const recorder = createRecorder({
      title: `claude ${cli.version} ${recording.name}: ${recording.why}`,
      command: ["claude", ...(recording.args ?? [])].join(" "),
    });
    const terminal = await start(box, cli, recording);
    const result = await driveDialogs({
      terminal,
      clock: systemClock,
      pack: claudePack,
      consents: recording.consents,
      folder: { path: box.path(project), home: box.home },
      until: "ready",
      onEvent: recorder.record,
    });
    await end(terminal);
    return { text: formatCast(redactCast(recorder.cast(), Object.values(recording.env ?? {}))), result };
  } finally {
    box.remove();
  }
};
