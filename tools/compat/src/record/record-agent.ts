import { createRecorder, driveDialogs, formatCast, redactCast } from "@trust/dialog-engine";
import { openPty, systemClock } from "@trust/dialog-engine/node";
import { openBox } from "../box/box.ts";
import type { LocalCli } from "../clis/cli-cache.ts";
import type { AgentRecording } from "./agent-recordings.ts";
import { agents, apiKey } from "./agents.ts";
import type { DrivenCast } from "./record.ts";
import { project } from "./recordings.ts";

/** Starts the CLI as the row says, answers the dialogs with a consent, and records it until that ends. */
export const recordAgent = async (cli: LocalCli, recording: AgentRecording): Promise<DrivenCast> => {
  const agent = agents[recording.provider];
  const args = agent.args?.(cli.version) ?? [];
  const box = openBox(agent.root);
  try {
    box.folder(project);
    if (!recording.fresh) agent.setUp(box);
    recording.arrange?.(box);
    const recorder = createRecorder({
      title: `${recording.provider} ${cli.version} ${recording.name}: ${recording.why}`,
      command: [recording.provider, ...args].join(" "),
    });
    const env = { ...box.env, ...recording.env };
    const opened = await openPty({ file: cli.path, args, cwd: box.path(project), env });
    if (!opened.ok) throw new Error(opened.error.message);
    const terminal = opened.value;
    const result = await driveDialogs({
      ...{ terminal, clock: systemClock, pack: agent.pack, consents: recording.consents, until: "ready" },
      folder: { path: box.path(project), home: box.home },
      limits: { phaseMs: 15_000, totalMs: 30_000 },
      onEvent: recorder.record,
    });
    await new Promise<void>((resolve) => {
      terminal.onExit(() => resolve());
      terminal.kill();
    });
    const secrets = [apiKey];
    return { text: formatCast(redactCast(recorder.cast(), secrets)), result };
  } finally {
    box.remove();
  }
};
