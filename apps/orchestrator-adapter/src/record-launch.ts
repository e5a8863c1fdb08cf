import {
  createRecorder,
  formatCast,
  redactCast,
  secretsIn,
  type Clock,
  type Terminal,
} from "@trust/dialog-engine";
import { homeOf, writeRecording } from "@gatehouse/fs-kit";
import type { Result } from "@gatehouse/std";
import type { Launch } from "./launch.ts";
import type { Sight } from "./read-sight.ts";
import { startingMs } from "./watch-screen.ts";

/** The recording of one agent's start. */
export type LaunchRecording = {
  /** Notes a screen that was recognised. */
  readonly saw: (sight: Sight) => void;
  /** Writes the recording, redacted, to a new file. Returns its path, or the system's error. */
  readonly write: () => Promise<Result<string, string>>;
};

/** The parts of a recorded start, and the folder for the file. */
export type LaunchToRecord = {
  readonly launch: Launch;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly dir: string;
};

/**
 * Records an agent's output while its screen is watched; the output of a working agent is not recorded.
 * `workspace-trust explain` reads the file.
 */
export const recordLaunch = ({ launch, terminal, clock, dir }: LaunchToRecord): LaunchRecording => {
  const { provider, folder, argv, env, trust } = launch;
  const recorder = createRecorder({ title: folder, command: argv.join(" ") });
  const startedAt = clock.now();
  const at = (): number => clock.now() - startedAt;
  const stopData = terminal.onData((data) => recorder.record({ type: "output", at: at(), data }));
  const stopTimer = clock.after(startingMs, stopData);
  return {
    saw: (sight) => {
      if ("dialog" in sight) recorder.record({ type: "dialog", at: at(), dialog: sight.dialog });
      if (sight.type === "ready" && trust.isProven) stopData();
    },
    write: () => {
      stopTimer();
      const text = formatCast(redactCast(recorder.cast(), secretsIn(env), homeOf(env)));
      return writeRecording(dir, { provider, workspace: folder }, { text, ending: "cast" });
    },
  };
};
