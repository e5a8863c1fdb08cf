// @module-tag slow
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ok } from "@gatehouse/std";
import { openCluster } from "@nc/kubernetes-runtime/node";
import { scriptedApi, type ApiObject } from "@nc/kubernetes-runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { tryPod } from "./try-pod.ts";

/** An image's PATH, with a `gatehouse` that ends with this code, or without one. */
const pathOf = (gatehouse: number | null): string => {
  const folder = mkdtempSync(join(tmpdir(), "try-pod-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(process.execPath, join(folder, "node"));
  if (gatehouse === null) return folder;
  const program = join(folder, "gatehouse");
  writeFileSync(program, `#!${process.execPath}\nprocess.exit(${gatehouse});\n`);
  chmodSync(program, 0o755);
  return folder;
};

/** The port of the cluster's API as a Pod finds it: one that takes connections, the first of them, or none. */
const apiPort = async (takes: "all" | "none" | "first"): Promise<string> => {
  const server = createServer((socket) => {
    socket.destroy();
    if (takes === "first") server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  if (takes === "none") server.close();
  else onTestFinished(() => void server.close());
  return String(port);
};

type Kubelet = { readonly path: string; readonly port: string; readonly sidecar?: boolean };

/** Tries a Pod in a cluster whose kubelet runs the Pod's program. Also says what was left. */
const tried = async ({ path, port, sidecar = false }: Kubelet) => {
  const started = (pod: ApiObject): void => {
    const { containers } = pod["spec"] as { readonly containers: readonly { command: readonly string[] }[] };
    const [word = "", ...args] = containers[0]?.command ?? [];
    const env = { PATH: path, KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: port };
    const child = spawn(word, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let message = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (message += text));
    child.on("close", (exitCode) => {
      const terminated = { exitCode: exitCode ?? 137, message };
      api.setStatus(pod.metadata.name, {
        phase: sidecar ? "Running" : exitCode === 0 ? "Succeeded" : "Failed",
        containerStatuses: [{ name: "agent", state: { terminated } }],
      });
    });
  };
  const api = await scriptedApi({ started });
  onTestFinished(api.close);
  const access = { isUnverified: false, namespace: null, signIn: async () => ok({ token: null }) };
  const cluster = openCluster({ ...access, server: new URL(api.url) }, "agents");
  const result = await tryPod({ cluster, image: "agents:1", template: { pod: {}, claim: null } });
  return { result, left: api.pods(), api };
};

test.for<[string, "all" | "none" | "first", boolean]>([
  ["reaches the cluster's API", "all", true],
  ["does not reach the cluster's API", "none", false],
  ["reaches the cluster's API only until its policy is applied", "first", false],
])("a Pod %s", async ([, takes, isUnlimited]) => {
  const { result, left } = await tried({ path: pathOf(0), port: await apiPort(takes) });
  expect({ result, left }).toEqual({ result: { ok: true, value: isUnlimited }, left: [] });
});

test("a Pod has the labels by which the policies of agents select it", async () => {
  const { api } = await tried({ path: pathOf(0), port: await apiPort("none") });
  const made = api.requests.find(({ method, path }) => method === "POST" && path.endsWith("/pods"));
  expect(made?.body).toMatchObject({
    metadata: { labels: { "gatehouse.session": "doctor", "gatehouse.network": "gateway" } },
  });
});

test("a Pod has ended when its program has, although another container runs on", async () => {
  const { result } = await tried({ path: pathOf(0), port: await apiPort("none"), sidecar: true });
  expect(result).toEqual({ ok: true, value: false });
});

test.for<[string, number | null, RegExp]>([
  ["has no gatehouse", null, /not on the image's PATH: spawnSync gatehouse ENOENT/],
  ["has a gatehouse that fails", 3, /gatehouse --version failed/],
])("says that the image %s, and leaves no Pod", async ([, gatehouse, why]) => {
  const { result, left } = await tried({ path: pathOf(gatehouse), port: await apiPort("all") });
  expect(result).toMatchObject({ ok: false, error: expect.stringMatching(why) as unknown });
  expect(left).toEqual([]);
});
