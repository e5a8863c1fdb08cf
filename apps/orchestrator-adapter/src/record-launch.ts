import { createRecorder, formatCast, redactCast, secretsIn, type DriveEvent } from "@trust/dialog-engine";
import { homeOf, writeRecording } from "@gatehouse/fs-kit";
import type { Result } from "@gatehouse/std";
import type { Launch } from "./launch.ts";

/** The recording of one agent's start. */
export type LaunchRecording = {
  readonly record: (event: DriveEvent) => void;
  /** Writes the recording, redacted, to a new file. Returns its path, or the system's error. */
  readonly write: () => Promise<Result<string, string>>;
};

/** Records into a folder, in the form that `workspace-trust explain` reads. */
export const recordLaunch = ({ provider, folder, argv, env }: Launch, dir: string): LaunchRecording => {
  const recorder = createRecorder({ title: folder, command: argv.join(" ") });
  return {
    record: recorder.record,
    write: () => {
      const text = formatCast(redactCast(recorder.cast(), secretsIn(env), homeOf(env)));
      return writeRecording(dir, { provider, workspace: folder }, { text, ending: "cast" });
    },
  };
};
