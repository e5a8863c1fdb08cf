// @module-tag soak
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { readCentral } from "@gatehouse/central-database";
import { installationNameIn } from "@gatehouse/session-rows";
import { kubeConfig, openCluster, type Cluster } from "@nc/kubernetes-runtime/node";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { spawnHost, type HostProcess } from "./host.fixture.ts";
import { run } from "./run.fixture.ts";

const { gatehouse } = inject("programs");

/**
 * A cluster to which these tests may do what they like, the image of Pods in it, the address of this machine as Pods find it,
 * and the folder of ../shared/kubernetes, if the cluster is one of that: then its parts are killed too.
 */
const {
  GATEHOUSE_TEST_KUBECONFIG: config,
  GATEHOUSE_TEST_POD_IMAGE: image = "docker.io/local/gatehouse:1",
  GATEHOUSE_TEST_POD_HOST: address = "10.210.0.1",
  GATEHOUSE_TEST_K8S_LAB: lab,
} = process.env;

const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 120_000, interval: 100 });

const clusterOf = async (path: string): Promise<Cluster> => {
  const access = await kubeConfig(path);
  if (!access.ok) throw new Error(access.error.message);
  return openCluster(access.value, "default");
};

/** Kills a part of the lab's cluster, and starts it again as it was. */
const strikePart = (labFolder: string, part: string): void => {
  const file = join(labFolder, "run/pids");
  const pid = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .findLast(([, name]) => name === part)?.[0];
  if (pid === undefined || !existsSync(`/proc/${pid}`)) throw new Error(`${part} does not run`);
  const words = (name: string): readonly string[] =>
    readFileSync(`/proc/${pid}/${name}`, "utf8").split("\0").slice(0, -1);
  // The kubelet of a node enters the node's namespaces first.
  const entry = join(labFolder, "run", part.replace("-", "/").concat(".sh"));
  const [program = "", ...args] = existsSync(entry) ? [entry] : words("cmdline");
  const env = Object.fromEntries(words("environ").map((line) => line.split(/=(.*)/s).slice(0, 2)));
  process.kill(Number(pid), "SIGKILL");
  const out = openSync(join(labFolder, `run/log/${part}.log`), "a");
  const again = spawn(program, args, { env, detached: true, stdio: ["ignore", out, out] });
  again.unref();
  appendFileSync(file, `${again.pid ?? ""} ${part}\n`);
};

test.skipIf(config === undefined)(
  `kubernetes: each message is answered once while Pods, hosts${lab === undefined ? "" : ", the API server and the kubelet"} are killed${config === undefined ? " (skipped without GATEHOUSE_TEST_KUBECONFIG)" : ""}`,
  { timeout: 600_000 },
  async () => {
    const [dataDir, path] = [temporaryFolder(), config ?? ""];
    const cluster = await clusterOf(path);
    const pods = async (): Promise<readonly string[]> => {
      // The first host names the installation.
      const install = await readCentral({ dataDir, database: null }, installationNameIn);
      const name = (install.ok ? install.value : null) ?? expect.fail("It has no name.");
      const listed = await cluster.list({ install: name });
      return listed.ok ? listed.value.map(({ metadata }) => metadata.name) : ["unknown"];
    };
    onTestFinished(async () => {
      for (const name of await pods()) await cluster.remove(name, 0);
      cluster.close();
    });
    run(
      gatehouse,
      "init",
      "--name",
      "Ana",
      "--folder",
      "ana",
      "--owner",
      "local:ana",
      "--provider",
      "echo",
      "--data",
      dataDir,
    );
    let [port, host]: [string, HostProcess | null] = ["0", null];
    const up = async (): Promise<void> => {
      const words = ["--runtime", "kubernetes", "--kubernetes-image", image, "--listen", `0.0.0.0:${port}`];
      const dial = port === "0" ? [] : ["--agents-dial", `tls://${address}:${port}`];
      host = spawnHost(dataDir, [...words, ...dial], { KUBECONFIG: path });
      let said = "";
      host.child.stderr?.on("data", (text: string) => (said += text));
      await host.ready();
      port = /by TLS on port (\d+)/.exec(said)?.[1] ?? port;
    };
    const down = async (signal: NodeJS.Signals): Promise<void> => {
      host?.child.kill(signal);
      await host?.ended;
    };
    // The port is known after the first start, and then the address that Pods dial.
    await up();
    await down("SIGTERM");
    await up();
    const strikes: Readonly<Record<string, () => Promise<void> | void>> = {
      none: () => {},
      pod: async () => {
        for (const name of await pods()) await cluster.remove(name, 0);
      },
      ...(lab === undefined
        ? {}
        : {
            "api-server": () => strikePart(lab, "apiserver"),
            kubelet: () => strikePart(lab, "node1-kubelet"),
            "api-server and pod": async () => {
              for (const name of await pods()) await cluster.remove(name, 0);
              strikePart(lab, "apiserver");
            },
          }),
      host: async () => {
        await down("SIGKILL");
        await up();
      },
    };
    const answers: string[] = [];
    const names = Array.from({ length: 3 }, () => Object.keys(strikes)).flat();
    for (const [at, strike] of names.entries()) {
      const line = `message ${at} after ${strike}`;
      await strikes[strike]?.();
      const chat = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
      let [answered, said] = ["", ""];
      chat.stdout.setEncoding("utf8").on("data", (text: string) => (answered += text));
      chat.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
      chat.stdin.end(`${line}\n`);
      const begun = performance.now();
      // A Pod is also deleted in the middle of the work.
      if (strike === "none" && at > 0) void strikes["pod"]?.();
      const code = await new Promise((resolve) => chat.on("close", resolve));
      console.log(
        `${line}: ${code === 0 ? "answered" : said.trim()} in ${Math.round(performance.now() - begun)} ms`,
      );
      answers.push(answered);
    }
    expect(answers).toEqual(names.map((strike, at) => `message ${at} after ${strike}\n`));
    await down("SIGTERM");
    await until(async () => expect(await pods()).toEqual([]));
  },
);
