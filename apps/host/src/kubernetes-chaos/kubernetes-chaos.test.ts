// @module-tag soak
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { newAddress, temporaryFolder } from "@gatehouse/central-database/testing";
import { readCentral } from "@gatehouse/central-database";
import { installationNameIn } from "@gatehouse/session-rows";
import { isOver, type PodSeen } from "@nc/kubernetes-runtime";
import { kubeAccess, openCluster, type Cluster } from "@nc/kubernetes-runtime/node";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { chancesFrom } from "../chaos/random.fixture.ts";
import { transcriptProblems } from "../sessions-chaos/run-problems.fixture.ts";
import { centralRowsIn } from "../sessions-chaos/session-rows.fixture.ts";
import { settled } from "../sessions-chaos/settled.fixture.ts";
import { openTalks } from "../sessions-chaos/talk.fixture.ts";
import { askOnce } from "../sessions-chaos/town.fixture.ts";
import { spawnHost, type HostProcess } from "../up/host.fixture.ts";
import { run } from "../up/run.fixture.ts";
import { openLab, type Lab } from "./lab.fixture.ts";

const { gatehouse } = inject("programs");
const seed = Number(process.env["GATEHOUSE_SEED"] ?? Date.now() % 1_000_000);

/**
 * A cluster to which these tests may do what they like, the image of Pods in it, the address of this machine as Pods find it, a
 * file for `--pod-template`, and the folder of a cluster whose parts are processes of this machine (lab.fixture.ts), if it is
 * one: then they are killed and cut off too.
 */
const {
  GATEHOUSE_TEST_KUBECONFIG: config,
  GATEHOUSE_TEST_POD_IMAGE: image = "docker.io/local/gatehouse:1",
  GATEHOUSE_TEST_POD_HOST: address = "10.210.0.1",
  GATEHOUSE_TEST_POD_TEMPLATE: template,
  GATEHOUSE_TEST_K8S_LAB: labFolder,
} = process.env;

const why =
  config === undefined
    ? "without GATEHOUSE_TEST_KUBECONFIG"
    : process.env["GATEHOUSE_TEST_POSTGRES"] === undefined
      ? "without GATEHOUSE_TEST_POSTGRES"
      : null;

const [groups, peopleOfHost, messages] = [["group0", "group1"], 3, 42];

/** Time in which a cut node is given up by its hosts, and its agents run elsewhere, ms. */
const cutMs = 120_000;

const until = <T>(check: () => T | Promise<T>, timeout = 180_000): Promise<T> =>
  vi.waitFor(check, { timeout, interval: 100 });

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

type Town = {
  readonly cluster: Cluster;
  readonly pods: () => Promise<readonly PodSeen[]>;
  /** Kills a host of two, and starts it again. */
  readonly strikeHost: (at: number) => Promise<void>;
};

const podStrikes = ({ pods, cluster }: Town): Strikes => ({
  "a Pod is deleted": async () => {
    const [pod] = await pods();
    if (pod !== undefined) await cluster.remove(pod.metadata.name, 1);
  },
  "all Pods are deleted by force": async () => {
    for (const { metadata } of await pods()) await cluster.remove(metadata.name, 0);
  },
});

const labStrikes = ({ pods, cluster }: Town, lab: Lab): Strikes => ({
  "the API server is killed": () => lab.strike("apiserver"),
  "a kubelet is killed": () => lab.strike("node1-kubelet"),
  "a containerd is killed": () => lab.strike("node2-containerd"),
  "the API server is killed while Pods are deleted": async () => {
    for (const { metadata } of await pods()) await cluster.remove(metadata.name, 1);
    lab.strike("apiserver");
  },
  // Turns go on there. They end after others have taken their messages over, and are refused.
  "a node is cut off, and its Pods are deleted by force": async () => {
    const onNode = (await pods()).filter(({ spec }) => spec.nodeName === "node2");
    lab.cut("node2", true);
    await pause(cutMs / 2);
    for (const { metadata } of onNode) await cluster.remove(metadata.name, 0);
    await pause(cutMs / 2);
    lab.cut("node2", false);
  },
});

type Strikes = Readonly<Record<string, () => Promise<void> | void>>;

test.skipIf(why !== null)(
  `kubernetes: two hosts, ${groups.length * peopleOfHost * 2 * messages} messages, kills of hosts, Pods${labFolder === undefined ? "" : ", the API server, kubelets, containerd and the network"} (${why === null ? "" : `skipped ${why}, `}GATEHOUSE_SEED=${seed}): each message is answered once`,
  { timeout: 900_000 },
  async () => {
    const chances = chancesFrom(seed);
    const access = await kubeAccess({ KUBECONFIG: config });
    if (!access.ok) throw new Error(access.error.message);
    const cluster = openCluster(access.value, "default");
    const schema = (await newAddress()) ?? expect.fail("there is no server");
    onTestFinished(schema.drop);
    const database = schema.address;
    const folders = [temporaryFolder(), temporaryFolder()];
    const key = join(temporaryFolder(), "key");
    writeFileSync(key, randomBytes(32).toString("base64url"), { mode: 0o600 });
    const people = Array.from({ length: 2 * peopleOfHost }, (_, index) => `local:person${index}`);
    const owner = ["--owner", people[0] ?? "", "--data", folders[0] ?? "", "--database", database.url];
    run(gatehouse, "init", "--name", "group0", "--folder", "group0", ...owner);
    const ports = [await freePort(), await freePort()];
    const begin = (at: number): HostProcess => {
      const [dataDir = "", port = 0] = [folders[at], ports[at]];
      const words = ["--yes", "--runtime", "kubernetes", "--kubernetes-image", image];
      const dial = ["--listen", `0.0.0.0:${port}`, "--agents-dial", `tls://${address}:${port}`];
      const added = template === undefined ? [] : ["--pod-template", template];
      const env = { GATEHOUSE_DATABASE: database.url, GATEHOUSE_KEY_FILE: key, KUBECONFIG: config ?? "" };
      return spawnHost(dataDir, [...words, ...dial, ...added], env);
    };
    const hosts = [begin(0), begin(1)];
    await Promise.all(hosts.map((host) => host.ready()));
    const install = await readCentral({ dataDir: folders[0] ?? "", database }, installationNameIn);
    const name = (install.ok ? install.value : null) ?? expect.fail("It has no name.");
    const allPods = async (): Promise<readonly PodSeen[]> => {
      const listed = await cluster.list({ install: name });
      if (!listed.ok) throw new Error(listed.error.message);
      return listed.value;
    };
    onTestFinished(async () => {
      for (const { metadata } of await allPods()) {
        await cluster.remove(metadata.name, 0);
        await cluster.release(metadata.name);
      }
      cluster.close();
    });
    const ask = async (command: string, args: object): Promise<void> =>
      expect(await askOnce(hosts[0]?.socket ?? "", { id: "1", command, args })).toMatchObject({ ok: true });
    await ask("groups-create", { name: "group1", folder: "group1" });
    for (const id of people.slice(1)) await ask("users-create", { id, kind: "local" });
    for (const id of groups) {
      await ask("groups-config-update", { id, provider: "echo" });
      for (const user of people.slice(1)) await ask("members-add", { group: id, user });
    }
    const talks = folders.flatMap((folder, at) => {
      const own = people.slice(at * peopleOfHost, (at + 1) * peopleOfHost);
      return openTalks({ chatSocket: join(folder, "chat.sock"), groups, people: own }, () => {}).all;
    });
    await Promise.all(talks.map(({ welcomed }) => welcomed));
    for (const talk of talks)
      for (let index = 0; index < messages; index += 1)
        talk.say(chances.below(4) === 0 ? `/slow ${chances.below(8_000)}` : `${talk.group} ${index}`);
    const answered = (): number => talks.reduce((sum, talk) => sum + talk.answered(), 0);
    const all = talks.length * messages;

    const town: Town = {
      cluster,
      pods: async () =>
        (await allPods()).filter((pod) => !isOver(pod) && pod.metadata.deletionTimestamp === undefined),
      strikeHost: async (at) => {
        hosts[at]?.child.kill("SIGKILL");
        await hosts[at]?.ended;
        const next = begin(at);
        hosts[at] = next;
        await next.ready();
      },
    };
    const strikes: Strikes = {
      "the first host is killed": () => town.strikeHost(0),
      "the second host is killed": () => town.strikeHost(1),
      ...podStrikes(town),
      ...(labFolder === undefined ? {} : labStrikes(town, openLab(labFolder))),
    };
    const places = new Map(Object.keys(strikes).map((strike) => [strike, chances.below(1_000_000)]));
    const order = [...places.keys()].toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
    for (const [at, strike] of order.entries()) {
      // The last strikes come before the last messages.
      await until(() => expect(answered()).toBeGreaterThanOrEqual((at * all) / (order.length + 2)));
      await strikes[strike]?.();
      console.log(`${Math.round(performance.now() / 1000)} s: ${answered()} of ${all} answered, ${strike}`);
    }
    await until(() => expect(answered()).toBe(all), 300_000);
    await settled({ dataDir: folders[0] ?? "", database });
    expect(transcriptProblems(await centralRowsIn({ dataDir: folders[0] ?? "", database }))).toEqual([]);
    for (const { child } of hosts) child.kill("SIGTERM");
    await Promise.all(hosts.map(({ ended }) => ended));
    await until(async () => expect((await allPods()).map(({ metadata }) => metadata.name)).toEqual([]));
    console.log(`kubernetes: ${all} messages, ${order.length} strikes, seed ${seed}`);
  },
);
