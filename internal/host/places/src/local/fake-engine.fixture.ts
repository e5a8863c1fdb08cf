import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export type FakeEngine = {
  readonly podman?: true;
  /** The labels of the agents' image; missing if there is none. */
  readonly image?: Readonly<Record<string, string>>;
};

/** Starts a fake engine that answers questions about itself and its images. Returns its socket. */
export const fakeEngine = async ({ podman, image }: FakeEngine): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "choose-runtime-"));
  const name = podman ? "Podman Engine" : "Engine";
  const images = [
    {
      Id: "sha256:a",
      RepoTags: ["docker.io/library/gatehouse-agent:latest"],
      Labels: image,
      Created: 1,
      Size: 1,
    },
  ];
  const answers: Readonly<Record<string, unknown>> = {
    version: { Version: "9.9", Components: [{ Name: name }] },
    info: { MemoryLimit: true, PidsLimit: true, CpuCfsQuota: true, LiveRestoreEnabled: true },
    images: image === undefined ? [] : images,
  };
  const server = createServer(({ url = "" }, answer) => {
    const [, , asked = ""] = /^\/(v[\d.]+)\/(\w+)/.exec(url) ?? [];
    answer.end(JSON.stringify(answers[asked]));
  });
  const socket = join(folder, "engine.sock");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  return socket;
};
