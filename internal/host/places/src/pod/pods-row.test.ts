// @module-tag slow
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { Container } from "@nc/container-runtime";
import { scriptedApi } from "@nc/kubernetes-runtime/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { chooseRuntime } from "../choose-place.ts";
import type { OpenPlace, PlaceHost } from "../chosen-place.ts";
import { contractProgram, workloadFor } from "../place-contract.fixture.ts";

test("ends the processes that an earlier host of the installation left, before Pods start", async () => {
  const [dataDir, api] = [temporaryFolder(), await scriptedApi()];
  const central = await openedCentral(dataDir);
  onTestFinished(async () => {
    await central.close();
    await api.close();
  });
  const KUBECONFIG = join(dataDir, "kubeconfig");
  writeFileSync(
    KUBECONFIG,
    `current-context: c\nclusters: [{name: k, cluster: {server: "${api.url}"}}]\nusers: [{name: u, user: {}}]\ncontexts: [{name: c, context: {cluster: k, user: u}}]`,
  );
  const program = [process.execPath, contractProgram()] as const;
  const logged: unknown[] = [];
  const host: PlaceHost = {
    dataDir,
    install: "here",
    programs: { runner: program, ncl: program },
    sockets: { wire: "/proc/nowhere", gateway: "/proc/nowhere" },
    dial: null,
    makesGroups: true,
    needed: async () => [],
    remote: {
      db: central.db,
      owner: "one",
      isShared: false,
      door: { address: "tls://host:7443", pin: null },
    },
    log: (event, { session = null }) => void logged.push([event, session]),
    report: (error) => expect.unreachable(String(error)),
  };
  const opened = async (runtime: string, over: Partial<PlaceHost> = {}): Promise<OpenPlace> => {
    const chosen = await chooseRuntime({ runtime, ...imageOf(runtime) }, { KUBECONFIG }, "1.2.3", null);
    if (!chosen.ok) return expect.fail(chosen.error.message);
    const place = await chosen.value.open({ ...host, ...over });
    onTestFinished(place.close);
    return place;
  };
  const started = async (sessionId: string, over: Partial<PlaceHost> = {}): Promise<Container> => {
    const { start } = await opened("process", over);
    const { label } = workloadFor("stays");
    const made = await start(workloadFor("stays", { label: { ...label, sessionId } }), "the token");
    if (!made.ok) return expect.fail(made.error.message);
    onTestFinished(async () => void (await made.value.kill(0)));
    return made.value;
  };
  const [left, ofOther] = [await started("se-left"), await started("se-other", { install: "there" })];
  const pods = await opened("kubernetes");
  expect(isThere(left)).toBe(true);
  await pods.begin();
  await vi.waitFor(() => expect(isThere(left)).toBe(false));
  expect(isThere(ofOther)).toBe(true);
  expect(logged).toEqual([["container-reaped", "se-left"]]);
  expect(api.requests.filter(({ method }) => method !== "GET")).toEqual([]);
});

const imageOf = (runtime: string): object =>
  runtime === "kubernetes" ? { kubernetesImage: "agents:1" } : {};

const isThere = ({ pid }: Container): boolean => {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
};
