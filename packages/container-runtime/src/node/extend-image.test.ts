// @module-tag rest
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test, type TestContext } from "vitest";
import { exitOf, valueOf } from "../testing/contract-case.ts";
import { engineClient } from "./engine/engine-client.ts";
import { engineSubject, testEngines, testImage } from "./engine/engine-subject.fixture.ts";
import { extendImage, type ImageExtension } from "./extend-image.ts";
import { listImages, pruneImages } from "./images.ts";

describe.for(testEngines)("a build of packages on $name", (engine) => {
  const { name, socketPath = "" } = engine;
  const onEngine = (title: string, run: (skip: TestContext["skip"]) => Promise<void>): void =>
    test(title, { tags: ["slow"] }, async ({ skip }) => {
      skip(socketPath === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
      skip((await call("GET", "/networks/bridge")).status !== 200, `${name} has no bridge network`);
      await run(skip);
    });
  const call = async (method: "GET" | "POST", path: string, body?: object) => {
    const client = engineClient(socketPath);
    const answer = await client.call({ method, path, ...(body === undefined ? {} : { body }) });
    client.close();
    return answer;
  };
  /** The names of the containers with a label of this installation, also of ended ones. */
  const containersOf = async (install: string): Promise<readonly string[]> => {
    const filters = encodeURIComponent(JSON.stringify({ label: [`gatehouse.install=${install}`] }));
    const { bytes } = await call("GET", `/containers/json?all=true&filters=${filters}`);
    return (JSON.parse(bytes.toString()) as readonly { readonly Names: readonly string[] }[]).flatMap(
      ({ Names }) => Names,
    );
  };
  const newBuild = (script: string, over: Partial<ImageExtension> = {}) => {
    const mark = randomBytes(4).toString("hex");
    const printed: string[] = [];
    const build: ImageExtension = {
      socketPath,
      install: `build-${mark}`,
      base: testImage,
      name: `gatehouse-extended:${mark}`,
      script,
      env: { MARK: mark },
      labels: { "gatehouse.test": mark },
      mayChange: () => true,
      onOutput: (text) => void printed.push(text),
      mostSeconds: 60,
      signal: new AbortController().signal,
      ...over,
    };
    onTestFinished(async () => {
      await pruneImages(socketPath, `gatehouse.test=${mark}`, () => true);
    });
    return { build, mark, said: () => printed.join("").trim().split("\n") };
  };

  onEngine("has no network of the machine, and of root's capabilities those that apt needs", async () => {
    const server = createServer((socket) => void socket.end("here is the machine\n"));
    onTestFinished(() => void server.close());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { build, said } = newBuild(
      [
        "readlink /proc/self/ns/net",
        `/bin/bash -c 'cat <"/dev/tcp/127.0.0.1/${port}"' 2>&1 | grep -o 'refused\\|machine' | head -n 1`,
        "grep -E '^(CapEff|CapBnd|NoNewPrivs):' /proc/self/status | tr '\\t' ' '",
        "id -u; ls /run/gatehouse /var/run/docker.sock /run/podman 2>&1 | grep -vc 'No such file'",
      ].join("\n") + "\ntrue",
    );
    valueOf(await extendImage(build));
    const [network, machine, ...rest] = said();
    expect(network).toMatch(/^net:/);
    expect(network).not.toBe(readlinkSync("/proc/self/ns/net"));
    expect(machine).toBe("refused");
    // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETGID, SETUID.
    const few = "00000000000000db";
    expect(rest).toEqual([`CapEff: ${few}`, `CapBnd: ${few}`, "NoNewPrivs: 1", "0", "0"]);
  });

  onEngine(
    "makes an image that runs, with the labels, without a command, and leaves no container",
    async () => {
      const { build, mark } = newBuild('mkdir /made; echo "made $MARK" >/made/word');
      const id = valueOf(await extendImage(build));
      expect(await containersOf(build.install)).toEqual([]);
      const listed = valueOf(await listImages(socketPath, `gatehouse.test=${mark}`));
      expect(listed).toMatchObject([{ id: expect.stringContaining(id.replace("sha256:", "")) as unknown }]);
      expect(listed[0]?.names.map((each) => each.split("/").at(-1))).toEqual([build.name]);
      const { host, sh } = engineSubject(engine);
      const ran = valueOf(await host().spawn(sh("cat /made/word >&2", { image: build.name })));
      expect((await exitOf(ran)).lastLines).toEqual([`made ${mark}`]);
    },
  );

  test.for<[what: string, script: string, refused: string | null]>([
    ["adds a file", "mkdir -p /own/a; echo 1 >/own/a/b", null],
    ["adds an empty folder elsewhere", "mkdir -p /other/folder", null],
    ["adds a file to a folder of its own elsewhere", "mkdir /other; echo 1 >/other/x", "added /other/x"],
    ["adds a link to a folder elsewhere", "ln -s /own /other", "added /other"],
    ["adds a file elsewhere", "echo 1 >/other", "added /other"],
    ["replaces a program", "cp /bin/busybox /usr/local/bin/node", "changed /usr/local/bin/node"],
    ["adds a line to a program", "echo >>/usr/local/bin/node", "changed /usr/local/bin/node"],
    ["changes a program's mode", "chmod 777 /usr/local/bin/node", "changed /usr/local/bin/node"],
    ["puts a link at a program", "ln -sf /own/x /usr/local/bin/node", "changed /usr/local/bin/node"],
    ["puts a link at a folder", "mv /usr/local /own; ln -s /own/local /usr/local", "/usr/local"],
    ["removes a program", "rm /usr/local/bin/node", "removed /usr/local/bin/node"],
    ["replaces a folder", "rm -r /usr/local/bin; mkdir /usr/local/bin", "removed /usr/local/bin"],
    ["adds a library that every program loads", "echo /x.so >/etc/ld.so.preload", "added /etc/ld.so.preload"],
    ["hides a file below a file of its own", "rm /bin/stat; mkdir /bin/stat; touch /bin/stat/x", "/bin/stat"],
  ])(`$0: refuses $2`, { tags: ["slow"] }, async ([, script, refused], { skip }) => {
    skip(socketPath === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
    skip((await call("GET", "/networks/bridge")).status !== 200, `${name} has no bridge network`);
    const mayChange: ImageExtension["mayChange"] = ({ path }) => /^\/(own|run|tmp)(\/|$)/.test(path);
    const { build, mark } = newBuild(`mkdir -p /own; ${script}`, { mayChange });
    const built = await extendImage(build);
    const images = valueOf(await listImages(socketPath, `gatehouse.test=${mark}`)).length;
    expect({ refused: built.ok ? null : built.error.message, images }).toEqual({
      refused: refused === null ? null : expect.stringContaining(refused),
      images: refused === null ? 1 : 0,
    });
    expect(await containersOf(build.install)).toEqual([]);
  });

  test.for([
    ["ignores SIGTERM", "trap '' TERM; "],
    ["stops the time limit", "kill -STOP $PPID; kill -STOP 1; "],
    ["ends the time limit", "kill -KILL 1; "],
    ["leaves its group and session", "setsid sh -c 'while :; do sleep 1; done' & "],
    [
      "lets processes run on after its end",
      "setsid sh -c 'while :; do sleep 1; done' >/dev/null 2>&1 & exit 7; ",
    ],
  ])(
    `ends at its time limit with all processes, if it $0`,
    { tags: ["slow"] },
    async ([, first], { skip }) => {
      skip(socketPath === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
      skip((await call("GET", "/networks/bridge")).status !== 200, `${name} has no bridge network`);
      const { build, mark } = newBuild(`${first ?? ""}while :; do sleep 1; done`, { mostSeconds: 2 });
      expect(await extendImage(build)).toMatchObject({
        ok: false,
        error: {
          message: expect.stringMatching(/^The build (took longer than 2 s|ended with 7)\.$/) as unknown,
        },
      });
      expect(processesWith(mark)).toEqual([]);
      expect(await containersOf(build.install)).toEqual([]);
    },
  );

  onEngine("cannot trace its time limit", async () => {
    const { build, said } = newBuild("cat /proc/1/mem 2>&1; readlink /proc/1/exe || echo no");
    valueOf(await extendImage(build));
    expect(said().join("\n")).toMatch(/mem': Permission denied\nno$/);
  });

  onEngine("ends with its host's signal, with all processes", async () => {
    const stop = new AbortController();
    const { build, mark } = newBuild("trap '' TERM; while :; do sleep 1; done", { signal: stop.signal });
    const building = extendImage(build);
    await expect.poll(() => processesWith(mark)).not.toEqual([]);
    stop.abort();
    expect(await building).toMatchObject({ ok: false, error: { message: "The build was ended." } });
    expect(processesWith(mark)).toEqual([]);
    expect(await containersOf(build.install)).toEqual([]);
  });

  onEngine("of a killed host is ended by the next host, and a build of this host is not", async () => {
    const { host, install } = engineSubject(engine);
    const mark = randomBytes(4).toString("hex");
    const body = {
      Image: testImage,
      Entrypoint: ["/bin/sh", "-c", "while :; do sleep 1; done"],
      Env: [`MARK=${mark}`],
      Labels: { "gatehouse.install": install },
      HostConfig: {
        NetworkMode: "none",
        Ulimits: ["nofile", "nproc"].map((Name) => ({ Name, Soft: 1024, Hard: 1024 })),
      },
    };
    const { bytes } = await call("POST", `/containers/create?name=gatehouse-build-${mark}`, body);
    const { Id } = JSON.parse(bytes.toString()) as { readonly Id: string };
    await call("POST", `/containers/${Id}/start`);
    const { build, mark: own } = newBuild('until [ -e /end ]; do sleep 1; [ "$MARK" ] || exit; done', {
      install,
    });
    const stop = new AbortController();
    const building = extendImage({ ...build, signal: stop.signal });
    await expect.poll(() => processesWith(own)).not.toEqual([]);
    expect(processesWith(mark)).not.toEqual([]);
    valueOf(await host().running());
    expect(processesWith(mark)).toEqual([]);
    expect(await containersOf(install)).toHaveLength(1);
    expect(processesWith(own)).not.toEqual([]);
    stop.abort();
    await building;
  });

  onEngine("gives its agents' containers no name by which a host would end them", async () => {
    const { host, sh, install } = engineSubject(engine);
    const { build } = newBuild("true", { install });
    valueOf(await extendImage(build));
    const agent = valueOf(await host().spawn(sh("while :; do sleep 1; done", { image: build.name })));
    const next = host();
    expect(valueOf(await next.running()).map(({ reference }) => reference)).toEqual([agent.reference]);
    await agent.kill(0);
  });
});

/** The processes of this machine with this value of MARK in their environment. */
const processesWith = (mark: string): readonly string[] =>
  readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`MARK=${mark}`);
    } catch {
      // It has ended.
      return false;
    }
  });
