import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "@gatehouse/cli-kit";
import { expect, onTestFinished, test } from "vitest";
import { keepRuntime } from "@gatehouse/places";
import { fakeEngine } from "@gatehouse/places/testing";
import { listCommand } from "./image-command.ts";

/** An Io whose output is kept, on a machine with another engine at a usual socket. */
const ioOn = (docker: string): { readonly io: Io; readonly out: () => string } => {
  let out = "";
  const write = (text: string): void => void (out += text);
  return {
    io: {
      env: { DOCKER_HOST: `unix://${docker}`, CONTAINER_HOST: "unix:///proc/nowhere/podman.sock" },
      cwd: "/",
      stdout: { write },
      stderr: { write },
      signal: new AbortController().signal,
    },
    out: () => out,
  };
};

test("image list asks the engine of the data folder's host, at its socket, before an engine at a usual one", async () => {
  const data = mkdtempSync(join(tmpdir(), "image-command-"));
  onTestFinished(() => rmSync(data, { recursive: true }));
  const socketPath = await fakeEngine({ podman: true, image: { "gatehouse.image": "0.9.9" } });
  await keepRuntime(data, { name: "podman", version: "4.3.1", socketPath, ociRuntime: null });
  const { io, out } = ioOn(await fakeEngine({}));
  expect(await listCommand({ data }, io)).toBe(0);
  expect(out()).toContain("gatehouse 0.9.9");
});

test("image list asks the first engine that runs if no host has run in the data folder", async () => {
  const { io, out } = ioOn(await fakeEngine({ image: { "gatehouse.image": "1.0.0" } }));
  expect(await listCommand({ data: "/proc/nowhere" }, io)).toBe(0);
  expect(out()).toContain("gatehouse 1.0.0");
});
