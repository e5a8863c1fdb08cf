import { fail, ok, type Result } from "@gatehouse/std";
import { startCli, type CliProgram, type CliStart } from "../cli-program.ts";
import { permissionFrame, readFrame, refusalFrame, type CodexFrame } from "./frames.ts";

/** A running `codex app-server`. */
export type CodexProgram = Omit<CliProgram, "send"> & {
  readonly send: CliProgram["send"];
  /** Calls a method. The error is a refusal, or the exit of Codex. */
  readonly call: (method: string, params: object) => Promise<Result<unknown, CallError>>;
  /** Replaces the listener of frames. With null, between two turns, every question is denied. */
  readonly listen: (listener: ((frame: CodexFrame) => void) | null) => void;
};

/** Why a call has no result, a sentence. */
export type CallError = { readonly message: string; readonly hasExited: boolean };

/** Starts Codex. A program that cannot be started has exited at once. */
export const startCodex = (start: Pick<CliStart, "command" | "cwd" | "env">): CodexProgram => {
  let listener: ((frame: CodexFrame) => void) | null = null;
  let calls = 0;
  const waiting = new Map<number, (reply: Result<unknown, CallError>) => void>();
  const program = startCli({
    ...start,
    // The `codex` of npm is a script that starts the real program.
    ...{ name: "Codex", install: "npm install --global @openai/codex", hasGroup: true },
    onLine: (line) => {
      const frame = readFrame(line);
      if (frame.type === "reply") {
        waiting.get(frame.id)?.(frame.error === null ? ok(frame.result) : refused(frame.error));
        waiting.delete(frame.id);
      } else if (frame.type === "unknown-request") program.send(refusalFrame(frame.requestId));
      else if (listener !== null) listener(frame);
      else if (frame.type === "may-use-tool") program.send(permissionFrame(frame, false));
    },
  });
  const ended = program.exited.then(({ message }) => fail({ message, hasExited: true } as const));
  return {
    ...program,
    listen: (next) => (listener = next),
    call: (method, params) => {
      const id = (calls += 1);
      const reply = new Promise<Result<unknown, CallError>>((resolve) => waiting.set(id, resolve));
      program.send({ id, method, params });
      return Promise.race([reply, ended]);
    },
  };
};

const refused = (message: string): Result<never, CallError> => fail({ message, hasExited: false });
