import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An answer of the engine. Without a status it is 200. */
export type ScriptedAnswer = { readonly status?: number; readonly body?: unknown };

/** An engine whose answers the test provides. */
export type ScriptedEngine = {
  readonly socketPath: string;
  /** The requests so far, as `GET /containers/json`. */
  readonly asked: readonly string[];
};

/** `answer` gets a request without the API's version and without its query; null leaves it without an answer. */
export const scriptedEngine = async (
  answer: (asked: string) => ScriptedAnswer | null,
): Promise<ScriptedEngine> => {
  const folder = mkdtempSync(join(tmpdir(), "scripted-engine-"));
  const socketPath = join(folder, "engine.sock");
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? "").replace(/^\/v[\d.]+/, "").replace(/\?.*/, "");
    const named = `${request.method ?? ""} ${path}`;
    asked.push(named);
    // Some calls send a body. It must be read, else the caller waits.
    request.resume().once("end", () => {
      const answered = answer(named);
      if (answered === null) return;
      const { status = 200, body = {} } = answered;
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  server.listen(socketPath);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });
  return { socketPath, asked };
};
