import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Makes a temporary folder, which is removed when the test has finished. */
export const tempFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "host-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A client that sends exact bytes and keeps the frames it receives. */
export type RawClient = {
  readonly socket: Socket;
  say(bytes: string | Uint8Array): void;
  /** The frames that have arrived so far. */
  heard(): readonly unknown[];
  /** Resolves when this many frames have arrived; rejects if the connection ends before. */
  hear(count: number): Promise<readonly unknown[]>;
  /** Resolves to all frames when the host has ended the connection. */
  ended: Promise<readonly unknown[]>;
};

export const rawClient = (path: string): RawClient => {
  const socket = connect({ path, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  const frames: unknown[] = [];
  // A frame of a megabyte comes in many parts, so the text is joined only at its end.
  let rest: string[] = [];
  socket.setEncoding("utf8").on("data", (part: string) => {
    rest.push(part);
    if (!part.includes("\n")) return;
    const lines = rest.join("").split("\n");
    rest = lines.splice(-1);
    frames.push(...lines.map((line) => JSON.parse(line) as unknown));
  });
  socket.on("error", () => {});
  const ended = new Promise<readonly unknown[]>((resolve) => {
    socket.once("end", () => resolve(frames));
    socket.once("close", () => resolve(frames));
  });
  return {
    socket,
    say: (bytes) => void socket.write(bytes),
    heard: () => frames,
    hear: (count) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (frames.length >= count) resolve(frames);
        };
        socket.on("data", check);
        void ended.then(() => {
          if (frames.length < count) reject(new Error(`ended after ${JSON.stringify(frames)}`));
        });
        check();
      }),
    ended,
  };
};
