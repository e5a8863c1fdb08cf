import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { runClient } from "./run-client.ts";
import type { View } from "@nc/cli-scope/client";

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "ncl-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Starts a fake host that calls `answer` for each frame. Returns the host's socket path and the received frames. */
export const fakeHost = async (
  answer: (socket: Socket, frame: unknown) => void,
): Promise<{ readonly path: string; readonly frames: readonly unknown[] }> => {
  const path = join(temporaryFolder(), "ncl.sock");
  const frames: unknown[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (part: Buffer) => {
      text += part.toString("utf8");
      if (!text.endsWith("\n")) return;
      const frame: unknown = JSON.parse(text);
      frames.push(frame);
      answer(socket, frame);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { path, frames };
};

/** Starts a fake host that answers every frame with `frame`. */
export const hostSaying = (frame: unknown): ReturnType<typeof fakeHost> =>
  fakeHost((socket) => socket.write(`${JSON.stringify(frame)}\n`));

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs the client in this process. */
export const run = async (
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  view: View = { columns: null, isColoured: false },
): Promise<Ran> => {
  let [out, err] = ["", ""];
  const code = await runClient(argv, {
    stdin: () => "",
    env,
    home: () => "/proc/nowhere",
    version: "1.2.3",
    view: () => view,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { code, out, err };
};
