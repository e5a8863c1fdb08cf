import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A fake engine that keeps its images in memory. */
export type ScriptedImages = {
  readonly socketPath: string;
  /** The tags of the builds, in their order. */
  readonly built: readonly string[];
  /** The arguments of the builds, in their order. */
  readonly builtWith: readonly Readonly<Record<string, string>>[];
  /** Returns how often the images were listed. */
  readonly lists: () => number;
  /** Removes an image, as `docker rmi` does. */
  readonly remove: (name: string) => void;
};

/**
 * Starts a fake engine that has the agents' image and builds others. `problemOf` returns the error of a build, or null; it
 * may delay the build.
 */
export const scriptedImages = async (
  problemOf: (name: string) => Promise<string | null> | string | null = () => null,
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
      ...{ Id, RepoTags: [name], Labels: { "gatehouse.image": "1.2.3" }, Created: 1, Size: 1 },
    }));
  };
  const build = async (name: string): Promise<object> => {
    built.push(name);
    const error = await problemOf(name);
    if (error !== null) return { error };
    there.set(name, `sha256:${name}`);
    return { aux: { ID: `sha256:${name}` } };
  };
  const server = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://engine");
    request.resume().once("end", () => {
      const isBuild = pathname.endsWith("/build");
      if (isBuild)
        builtWith.push(JSON.parse(searchParams.get("buildargs") ?? "{}") as Readonly<Record<string, string>>);
      const answered = isBuild ? build(searchParams.get("t") ?? "") : listed();
      void Promise.resolve(answered).then((body) => answer.end(JSON.stringify(body)));
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
