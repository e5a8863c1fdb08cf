import { Buffer } from "node:buffer";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** A fake engine that keeps its images in memory. */
export type ScriptedImages = {
  readonly socketPath: string;
  /** The names of the builds' containers, in their order. */
  readonly built: readonly string[];
  /** The environments of the builds, in their order. */
  readonly builtWith: readonly Readonly<Record<string, string>>[];
  /** Returns how often the images were listed. */
  readonly lists: () => number;
  /** Removes an image, as `docker rmi` does. */
  readonly remove: (name: string) => void;
};

type Answer = { readonly status?: number; readonly body: unknown };

/**
 * Starts a fake engine that has the agents' image and builds others. `problemOf` returns the output of a build that fails,
 * or null; it may delay the build.
 */
export const scriptedImages = async (
  problemOf: () => Promise<string | null> | string | null = () => null,
): Promise<ScriptedImages> => {
  const folder = mkdtempSync(join(tmpdir(), "scripted-images-"));
  const socketPath = join(folder, "engine.sock");
  const there = new Map([["gatehouse-agent:latest", "sha256:base"]]);
  const built: string[] = [];
  const builtWith: Readonly<Record<string, string>>[] = [];
  let lists = 0;
  const listed = (): readonly object[] => {
    lists += 1;
    return [...there].map(([name, Id]) => ({
      Id,
      RepoTags: [name],
      Labels: { "gatehouse.image": "1.2.3" },
      Created: 1,
      Size: 1,
    }));
  };
  let problem: string | null = null;
  const answers: readonly (readonly [
    asked: RegExp,
    answer: (query: URLSearchParams, body: string) => Answer,
  ])[] = [
    [/^GET .*\/images\/json$/, () => ({ body: listed() })],
    [
      /^POST .*\/containers\/create$/,
      (_, body) => {
        const { Env } = JSON.parse(body) as { readonly Env: readonly string[] };
        builtWith.push(Object.fromEntries(Env.map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1) ?? [])));
        return { status: 201, body: { Id: "c-1" } };
      },
    ],
    [/\/wait$/, () => ({ body: { StatusCode: problem === null ? 0 : 1 } })],
    [/\/logs$/, () => ({ body: framed(problem ?? "") })],
    [/\/changes$/, () => ({ body: [] })],
    [
      /\/commit$/,
      (query) => {
        const name = `${query.get("repo")}:${query.get("tag")}`;
        there.set(name, `sha256:${name}`);
        return { status: 201, body: { Id: `sha256:${name}` } };
      },
    ],
  ];
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://engine");
    const body = await text(request);
    const asked = `${request.method} ${pathname}`;
    if (asked.endsWith("/create")) {
      built.push(searchParams.get("name") ?? "");
      problem = await problemOf();
    }
    return answers.find(([pattern]) => pattern.test(asked))?.[1](searchParams, body) ?? { body: {} };
  };
  const server = createServer((request, response) => {
    void answerTo(request).then(({ status = 200, body }) => {
      response.writeHead(status).end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
    });
  });
  server.listen(socketPath);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });
  return { socketPath, built, builtWith, lists: () => lists, remove: (name) => void there.delete(name) };
};

/** A frame of a container's output, on stderr. */
const framed = (output: string): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = 2;
  header.writeUInt32BE(Buffer.byteLength(output), 4);
  return Buffer.concat([header, Buffer.from(output)]);
};
