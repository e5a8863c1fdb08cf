import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { ranCli } from "../ran-cli.fixture.ts";
import { podBed } from "./pods.fixture.ts";

const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 20 });

describe("gatehouse up --runtime kubernetes", { tags: ["slow"] }, () => {
  test("answers a message from a Pod, and deletes the Pod when it stops", async () => {
    const { api, programs, up, chat } = await podBed();
    const host = up();
    await host.ready();
    expect(await chat("hello").answer).toBe("hello\n");
    expect(await chat("again").answer).toBe("again\n");
    const [pod, ...others] = api.pods();
    expect({ others, labels: pod?.metadata.labels }).toEqual({
      others: [],
      labels: {
        "gatehouse.install": expect.stringMatching(/^[\da-f]{16}$/) as unknown,
        "gatehouse.host": expect.stringContaining(`-${host.child.pid ?? 0}-`) as unknown,
        "gatehouse.session": expect.any(String) as unknown,
        "gatehouse.group": expect.any(String) as unknown,
        "gatehouse.incarnation": "1",
        "gatehouse.token": expect.any(String) as unknown,
        "gatehouse.network": "gateway",
      },
    });
    expect(JSON.stringify(pod)).not.toContain(tokenOf(api.secret(pod?.metadata.name ?? "")));
    host.child.kill("SIGTERM");
    expect((await host.ended).code).toBe(143);
    await until(() => expect(api.pods()).toEqual([]));
    await until(() => expect([...programs.values()].every(({ exitCode }) => exitCode !== null)).toBe(true));
  });

  test("refuses an address to dial that only agents of this machine find", async () => {
    const bed = await podBed();
    const words = ["--runtime", "kubernetes", "--kubernetes-image", "agents:1", "--listen", "0.0.0.0:0"];
    const { code, stderr } = await ranCli(bed, "up", ...words, "--agents-dial", "tls");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("--agents-dial tls://HOST:7443") as unknown,
    });
  });

  test("answers each message once when a Pod is deleted or its program is killed", async () => {
    const { api, programs, up, chat } = await podBed();
    const host = up();
    await host.ready();
    expect(await chat("one").answer).toBe("one\n");
    for (const child of programs.values()) child.kill("SIGKILL");
    expect(await chat("two").answer).toBe("two\n");
    for (const pod of api.pods()) api.remove(pod.metadata.name);
    for (const child of programs.values()) child.kill("SIGKILL");
    expect(await chat("three").answer).toBe("three\n");
    await until(() => expect(api.pods()).toHaveLength(1));
  });

  test("deletes the Pods of an earlier host that was killed, and no others", async () => {
    const { api, up, chat } = await podBed();
    const other = { metadata: { name: "theirs", uid: "1", labels: { "gatehouse.install": "another" } } };
    api.add(other);
    const killed = up();
    await killed.ready();
    expect(await chat("one").answer).toBe("one\n");
    const names = (): readonly string[] => api.pods().map(({ metadata }) => metadata.name);
    const [left] = names().filter((name) => name !== "theirs");
    killed.child.kill("SIGKILL");
    await killed.ended;
    await up().ready();
    expect(await chat("two").answer).toBe("two\n");
    await until(() => expect(names()).not.toContain(left));
    expect(names()).toContain("theirs");
  });

  test("with a volume, a session waits for an agent that may still run, until the operator says that it does not", async () => {
    const { dataDir, api, run, up, chat } = await podBed(null, true);
    const template = join(dataDir, "pod.yaml");
    writeFileSync(template, "kind: PersistentVolumeClaim\nspec:\n  accessModes: [ReadWriteMany]\n");
    const killed = up("--pod-template", template);
    await killed.ready();
    expect(await chat("one").answer).toBe("one\n");
    expect(api.claims()).toHaveLength(1);
    const [pod = ""] = api.pods().map(({ metadata }) => metadata.name);
    const labels = { "gatehouse.install": "another", "gatehouse.session": "se-1" };
    const deletionTimestamp = "2026-01-01T00:00:00Z";
    const theirs = { name: "theirs", uid: "1", labels, deletionTimestamp, finalizers: ["gatehouse/may-run"] };
    api.add({ metadata: theirs });
    api.bind("theirs", "node1");
    const takeOver = (name: string): Promise<string> => run("machines", "revoke", name, "--force-takeover");
    for (const name of [pod, "node1"])
      expect(await takeOver(name)).toContain(
        `Not being deleted, so its agent may be at work: the Pod ${pod}. Nothing`,
      );
    expect(await run("machines", "revoke", pod)).toContain("--force-takeover");
    expect(await chat("still there").answer).toBe("still there\n");
    killed.child.kill("SIGKILL");
    await killed.ended;
    await up().ready();
    const { said } = chat("two");
    await until(() => expect(said()).toContain(`may still run in the Pod ${pod} `));
    expect(await run("status")).toMatch(new RegExp(`${pod} .*: its session waits .*--force-takeover`));
    for (const name of ["gh-absent", "theirs", "node2"])
      expect(await takeOver(name)).toContain(`have no Pod "${name}"`);
    expect(api.pods()).toContainEqual(
      expect.objectContaining({ metadata: expect.objectContaining(theirs) as unknown }),
    );
    // The command needs nothing of what Pods are made from.
    rmSync(template);
    expect(await takeOver("node1")).toMatch(new RegExp(`^let ${pod} go: .*\n$`));
    // Until the next try, who writes is told why the last one failed.
    await until(async () => expect(await run("history", "--group", "ana")).toContain(" Ana: two\n"));
    expect(await chat("three").answer).toContain("three\n");
  });

  test("status counts the Pods, and doctor tries one and leaves none", async () => {
    const { api, run, up, chat } = await podBed();
    await up().ready();
    expect(await chat("one").answer).toBe("one\n");
    expect(await run("status")).toMatch(/^runtime {4}kubernetes, 1 running \(1 on node1\)$/m);
    const { containers } = JSON.parse(await run("status", "--json")) as { readonly containers: object };
    const { name: pod, labels = {} } = api.pods()[0]?.metadata ?? { name: "" };
    const shown = { pod, node: "node1", state: "running", session: labels["gatehouse.session"] };
    expect(containers).toMatchObject({ runtime: { running: 1, pods: [shown] } });
    const before = api.pods();
    expect(await run("doctor")).toContain("a Pod starts, and gatehouse of the image starts");
    expect(api.pods()).toEqual(before);
  });

  test("runs a group's own image from the next Pod on, and says what it cannot apply", async () => {
    const { api, up, chat, ncl } = await podBed();
    await up().ready();
    expect(await chat("one").answer).toBe("one\n");
    const set = await ncl(
      "groups",
      "config",
      "update",
      "Ana",
      "--image-tag",
      "registry.example/ana:2",
      "--pids",
      "64",
    );
    expect(set).toContain('image_tag: (unset) -> "registry.example/ana:2"');
    expect(set).not.toContain("image_tag has no effect");
    expect(set).toContain("pids has no effect yet.");
    await ncl("groups", "restart", "Ana");
    expect(await chat("two").answer).toBe("two\n");
    const images = api.pods().map(({ spec }) => (spec as PodSpec).containers.map(({ image }) => image));
    expect(images).toContainEqual(["registry.example/ana:2"]);
  });

  test("doctor warns if a Pod reached the cluster's API", async () => {
    const state = { terminated: { exitCode: 42 } };
    const { run } = await podBed({ phase: "Failed", containerStatuses: [{ name: "agent", state }] });
    const said = await run("doctor", "--runtime", "kubernetes", "--kubernetes-image", "agents:1");
    expect(said).toMatch(
      /^warn reach {6}What agents reach is not limited here: .*\n {5}fix: .*Calico, Cilium/m,
    );
    expect(said).toContain(
      "ok   containers a Pod starts, and gatehouse of the image starts. Agents run in Pods",
    );
  });

  test("refuses an agent's packages with the way to have them, which works while the host runs", async () => {
    const { up, chat, ncl, run } = await podBed();
    await up().ready();
    const asked = await chat("/ncl groups install-packages Ana --apt jq --reason why").answer;
    expect(asked).toContain("builds no images in the cluster");
    expect(await ncl("approvals", "list")).not.toContain("install-packages");
    await ncl("groups", "config", "add-package", "Ana", "--apt", "jq");
    expect(await run("image", "render", "--group", "Ana")).toMatch(/^FROM agents:1\n[^]*ARG APT="jq"\n/);
  });

  test("tells the sender why a Pod does not start, with the fix", async () => {
    const { dataDir, up, chat } = await podBed({
      phase: "Pending",
      containerStatuses: [
        { name: "agent", state: { waiting: { reason: "InvalidImageName", message: 'no name: "agents:1"' } } },
      ],
    });
    const host = up();
    await host.ready();
    const { said } = chat("hello");
    await until(() =>
      expect(said()).toContain(
        'could not be started: The image\'s name is wrong: no name: "agents:1" Fix: name another one for the host',
      ),
    );
    expect(readFileSync(join(dataDir, "host.log"), "utf8")).not.toContain("secret-of-the-operator");
  });

  test.for<[string, readonly string[], string]>([
    ["an image", ["--runtime", "kubernetes"], "Pods need an image."],
    [
      "a real image's name",
      ["--runtime", "kubernetes", "--kubernetes-image", "/srv/agents"],
      '"/srv/agents" is not the name of an image',
    ],
    ["a port", ["--runtime", "kubernetes", "--kubernetes-image", "agents:1"], "this host has no port for it"],
    [
      "its runtime",
      ["--runtime", "process", "--kubernetes-image", "agents:1"],
      "goes with --runtime kubernetes",
    ],
  ])("says that it needs %s", async ([, words, why]) => {
    expect(await ranCli(await podBed(), "up", ...words)).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(why) as unknown,
    });
  });
});

type PodSpec = { readonly containers: readonly { readonly image: string }[] };

const tokenOf = (secret: Readonly<Record<string, string>> | null): string =>
  (JSON.parse(secret?.["machine.json"] ?? "{}") as { readonly token?: string }).token ?? "no token";
