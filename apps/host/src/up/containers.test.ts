// @module-tag rest
// This file builds the image "gatehouse-agent" in the engines. No other test may build it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, inject, onTestFinished, test, vi, type TestContext } from "vitest";
import { containers } from "../chaos/containers.fixture.ts";
import { mixes } from "../chaos/load.fixture.ts";
import { chaosOf } from "../chaos/scenario.fixture.ts";
import { printedBy, ranCli } from "../ran-cli.fixture.ts";
import { buildsOf, engines, engineSwitch, hasBridge, type TestEngine } from "./engines.fixture.ts";
import { spawnHost, type HostProcess } from "./host.fixture.ts";
import { agentsBuilt, clis, filesWithKey, key, openModel, type RealCli } from "./real-agents.fixture.ts";
import { run, tryRun } from "./run.fixture.ts";

const { gatehouse, ncl } = inject("programs");

describe.for(engines)("agents in containers of $name", ({ name, socket }) => {
  const onEngine = (title: string, check: (skip: TestContext["skip"]) => Promise<void>): void =>
    test(title, { tags: ["slow"] }, async ({ skip }) => {
      skip(socket === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
      await check(skip);
    });

  /** A host on the engine, whose group Ana answers with echo. */
  const started = async (dataDir: string): Promise<HostProcess> => {
    const host = spawnHost(dataDir, ["--runtime", name, "--engine-socket", socket]);
    await host.ready();
    return host;
  };
  const newHost = async () => {
    await agentsBuilt({ name, socket });
    const dataDir = temporaryFolder();
    await printedBy(dataDir, "init", "--name", "Ana", "--folder", "ana", "--owner", "local:ana");
    const host = await started(dataDir);
    run(ncl, "groups", "config", "update", "Ana", "--provider", "echo", "--socket", host.socket);
    return { dataDir, host };
  };
  const chat = (dataDir: string, ...lines: readonly string[]) => {
    const child = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
    onTestFinished(() => void child.kill("SIGKILL"));
    child.stdin.end([...lines, ""].join("\n"));
    return Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  };
  // In this process: each look would cost half a second of the processor otherwise, also while a test waits.
  const log = (dataDir: string): Promise<string> => printedBy(dataDir, "logs", "-n", "1000");
  const status = (dataDir: string): Promise<string> => printedBy(dataDir, "status");
  const end = async (host: HostProcess): Promise<string> => {
    host.child.kill("SIGTERM");
    return (await host.ended).stderr;
  };

  onEngine("an agent gets a message, answers, and uses ncl", async () => {
    const { dataDir, host } = await newHost();
    const [answers, problems] = await chat(dataDir, "hello", "/ncl groups list");
    expect(problems).toBe("");
    expect(answers).toMatch(/^hello\n[^]*Ana/);
    expect(statSync(join(dataDir, "groups", "ana")).uid).toBe(process.getuid?.() || 1000);
    expect(await end(host)).toContain(`Agents run in containers of ${name} `);
    expect(await log(dataDir)).toMatch(/ container-ended /);
  });

  onEngine(
    "doctor starts a container without a CLI on the machine, and reports why none starts",
    async () => {
      await agentsBuilt({ name, socket });
      const doctor = (at: string): string =>
        tryRun(
          gatehouse,
          "doctor",
          "--json",
          "--runtime",
          name,
          "--engine-socket",
          at,
          "--data",
          temporaryFolder(),
        ).stdout;
      const checkIn = (report: string, named = "containers"): unknown =>
        (JSON.parse(report) as { readonly checks: readonly { readonly name: string }[] }).checks.find(
          (check) => check.name === named,
        );
      const message = expect.stringMatching(/^a container starts, with Node v\d/);
      const report = doctor(socket);
      expect(checkIn(report)).toEqual({ name: "containers", ok: true, message });
      expect(checkIn(report, "cli")).toMatchObject({ ok: true });
      const away = {
        ok: false,
        message: expect.stringContaining("/proc/nowhere.sock"),
        fix: expect.any(String),
      };
      expect(checkIn(doctor("/proc/nowhere.sock"))).toMatchObject(away);
    },
  );

  onEngine("the demo runs its agent in a container", async () => {
    await agentsBuilt({ name, socket });
    const told = run(gatehouse, "demo", "--runtime", name, "--engine-socket", socket);
    expect(told).toMatch(/in containers of [^]*Demo: hello\n[^]*approved and done[^]*Demo: still there\?/);
  });

  onEngine("a host adopts its agent after a kill, and delivers the answer once", async () => {
    const { dataDir, host } = await newHost();
    const chatting = chat(dataDir, "/slow 3000", "hello");
    await vi.waitFor(async () => expect(await log(dataDir)).toMatch(/ message-claimed | container-started /));
    host.child.kill("SIGKILL");
    await host.ended;
    const next = await started(dataDir);
    const [answers] = await chatting;
    expect(answers.split("\n").filter((line) => line === "hello")).toEqual(["hello"]);
    await end(next);
    expect((await log(dataDir)).match(/ container-started /g)).toHaveLength(1);
  });

  onEngine(
    "a host whose engine does not run yet keeps messages, and starts the agent once it runs",
    async () => {
      await agentsBuilt({ name, socket });
      const dataDir = temporaryFolder();
      await printedBy(dataDir, "init", "--name", "Ana", "--folder", "ana", "--owner", "local:ana");
      const engine = await engineSwitch(socket);
      const nowhere = {
        DOCKER_HOST: "unix:///proc/nowhere/d.sock",
        CONTAINER_HOST: "unix:///proc/nowhere/p.sock",
      };
      const variable = name === "podman" ? "CONTAINER_HOST" : "DOCKER_HOST";
      const up = async (): Promise<HostProcess> => {
        const host = spawnHost(dataDir, ["--runtime", "auto"], {
          ...nowhere,
          [variable]: `unix://${engine.path}`,
        });
        await host.ready();
        return host;
      };
      const config = (host: HostProcess, ...flags: readonly string[]): string =>
        run(ncl, "groups", "config", "update", "Ana", ...flags, "--socket", host.socket);
      const first = await up();
      config(first, "--provider", "echo");
      config(first, "--tools", "allow-all");
      expect((await chat(dataDir, "first"))[0]).toBe("first\n");
      await end(first);
      engine.off();

      const second = await up();
      const [, problems] = await chat(dataDir, "second");
      const away =
        name === "podman" ? "Podman is installed, but nothing listens" : "docker does not run here";
      expect(problems).toContain(away);
      expect(await status(dataDir)).toMatch(/\nruntime {4}.*Agents wait\. Fix: /);
      expect(await log(dataDir)).toMatch(new RegExp(` runtime-away .*${away}`));
      expect((await log(dataDir)).match(/ container-started /g)).toHaveLength(1);
      await engine.on();
      await vi.waitFor(async () => expect(await log(dataDir)).toMatch(/ runtime-back /));
      expect((await chat(dataDir, "third"))[0]).toMatch(/^third$/m);
      expect(await end(second)).toContain(`Agents wait, and their messages are kept: ${away}`);
      expect(readFileSync(join(dataDir, "runtime.json"), "utf8")).toContain(`"name":"${name}"`);

      engine.off();
      const third = spawnHost(dataDir);
      await third.ready();
      const [, refusal] = await chat(dataDir, "fourth");
      expect(refusal).toContain("Ana runs only in a container");
      expect(await status(dataDir)).toMatch(/\nwaits {6}Ana runs only in a container/);
      config(third, "--isolation", "process", "--yes");
      expect(await end(third)).not.toContain("Agents wait");
    },
  );

  onEngine("an agent with the network open answers, on an engine with a bridge", async (skip) => {
    skip(!(await hasBridge(socket)), `${name} has no bridge network`);
    const { dataDir, host } = await newHost();
    run(ncl, "groups", "config", "update", "Ana", "--network", "open", "--yes", "--socket", host.socket);
    expect((await chat(dataDir, "hello"))[0]).toBe("hello\n");
    await end(host);
  });

  onEngine(
    "an agent with the network open is not started without a bridge, and its chat shows the reason",
    async (skip) => {
      skip(await hasBridge(socket), `${name} has a bridge network`);
      const { dataDir, host } = await newHost();
      const update = ["groups", "config", "update", "Ana", "--socket", host.socket] as const;
      run(ncl, ...update, "--network", "open", "--yes");
      const [, problem] = await chat(dataDir, "hello");
      expect(problem).toContain("The agent could not be started: The engine has no bridge network");
      run(ncl, ...update, "--network", "gateway");
      // The message was kept.
      await vi.waitFor(async () =>
        expect(await log(dataDir)).toMatch(/ container-started [^]* message-delivered /),
      );
      await end(host);
    },
  );

  onEngine("status names a container that no session owns, and the next host ends it", async () => {
    const { dataDir, host } = await newHost();
    await chat(dataDir, "hello");
    host.child.kill("SIGKILL");
    await host.ended;
    const containers = async (): Promise<unknown> =>
      (JSON.parse(await printedBy(dataDir, "status", "--json")) as { readonly containers: unknown })
        .containers;
    expect(await containers()).toMatchObject({ runtime: { name, running: 1 }, gone: [], unowned: [] });
    const { db, close } = await openedCentral(dataDir);
    await db.updateTable("sessions").set({ incarnation: 7 }).execute();
    await close();
    const fix = expect.stringContaining(`unix://${socket} rm --force `) as unknown;
    expect(await containers()).toMatchObject({
      gone: [{ incarnation: 7 }],
      unowned: [{ runtime: name, state: "running", incarnation: 1, fix }],
    });
    const next = await started(dataDir);
    await vi.waitFor(async () => expect(await containers()).toMatchObject({ gone: [], unowned: [] }));
    await end(next);
  });

  onEngine(
    "a failed build of packages keeps the old agent, and removing the packages restores the base image",
    async (skip) => {
      skip(!(await hasBridge(socket)), `${name} has no bridge network`);
      const { dataDir, host } = await newHost();
      await chat(dataDir, "hello");
      run(ncl, "groups", "config", "add-package", "Ana", "--npm", "is-odd", "--socket", host.socket);
      // The image of the tests has no npm.
      const { status, stderr } = tryRun(
        ncl,
        "groups",
        "restart",
        "Ana",
        "--rebuild",
        "--socket",
        host.socket,
      );
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringMatching(/was not built[^]*npm/),
      });
      expect((await chat(dataDir, "still here"))[0]).toBe("still here\n");
      run(ncl, "groups", "config", "remove-package", "Ana", "--npm", "is-odd", "--socket", host.socket);
      run(ncl, "groups", "restart", "Ana", "--rebuild", "--socket", host.socket);
      expect((await chat(dataDir, "again"))[0]).toBe("again\n");
      await end(host);
      expect((await log(dataDir)).match(/ container-started /g)).toHaveLength(2);
    },
  );

  onEngine("a build of packages ends with its host, and after a kill with the next host", async (skip) => {
    skip(!(await hasBridge(socket)), `${name} has no bridge network`);
    const { dataDir, host } = await newHost();
    await chat(dataDir, "hello");
    run(ncl, "groups", "config", "add-package", "Ana", "--apt", "sleeps", "--socket", host.socket);
    const words = ["groups", "restart", "Ana", "--rebuild", "--socket", host.socket];
    const rebuilding = spawn(process.execPath, [ncl, ...words], { stdio: "ignore" });
    onTestFinished(() => void rebuilding.kill("SIGKILL"));
    const builds = (): ReturnType<typeof buildsOf> => buildsOf(dataDir, socket);
    /** The name of the container of the build that runs. */
    const built = (): Promise<string> =>
      vi.waitFor(async () => {
        const all = await builds();
        expect(Object.values(all)).toEqual(["running"]);
        return Object.keys(all)[0] ?? "";
      });
    await built();
    await end(host);
    expect(await builds()).toEqual({});

    // The next host begins the build again.
    const second = await started(dataDir);
    const left = await built();
    second.child.kill("SIGKILL");
    await second.ended;
    expect(await builds()).toEqual({ [left]: "running" });
    const third = await started(dataDir);
    await vi.waitFor(async () => expect(await builds()).not.toHaveProperty([left]));
    await end(third);
    expect(await builds()).toEqual({});
  });

  onEngine("a package that replaces the agent's Node is refused, and the agent runs on", async (skip) => {
    skip(!(await hasBridge(socket)), `${name} has no bridge network`);
    const { dataDir, host } = await newHost();
    await chat(dataDir, "hello");
    run(ncl, "groups", "config", "add-package", "Ana", "--apt", "hostile", "--socket", host.socket);
    const rebuilt = tryRun(ncl, "groups", "restart", "Ana", "--rebuild", "--socket", host.socket);
    expect(rebuilt).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("changed /usr/local/bin/node, which no package may do") as unknown,
    });
    expect((await chat(dataDir, "still here"))[0]).toBe("still here\n");
    await end(host);
  });
});

/** A host on the engine whose group Ana is this CLI, with a key and the stand-in of its models. */
const hostOf = async ({ name, socket }: TestEngine, { provider, vendor }: RealCli) => {
  const model = await openModel();
  const dataDir = temporaryFolder();
  const named = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", provider];
  await printedBy(dataDir, "init", ...named);
  expect(await ranCli({ dataDir, input: key }, "secrets", "set", vendor)).toMatchObject({ code: 0 });
  const upstream = ["--upstream", `${vendor}=${model.address}`];
  const host = spawnHost(dataDir, ["--runtime", name, "--engine-socket", socket, ...upstream]);
  await host.ready();
  const chat = async (line: string): Promise<string> => {
    const child = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
    child.stdin.end(`${line}\n`);
    return text(child.stdout);
  };
  const asOperator = (...words: readonly string[]): string => run(ncl, ...words, "--socket", host.socket);
  asOperator("groups", "config", "update", "Ana", "--tools", "allow-all");
  return { model, dataDir, host, chat, asOperator };
};

describe.for(engines)("a real agent in a container of $name", (engine) => {
  const { name, socket } = engine;
  const prepared = async ({ provider, file }: RealCli, skip: TestContext["skip"]) => {
    skip(socket === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
    skip(file === null, `GATEHOUSE_TEST_${provider.toUpperCase()} names no native program`);
    await agentsBuilt(engine);
  };

  test.for(clis)(
    "$provider answers, and finds no key and no network",
    { tags: ["slow"] },
    async (cli, { skip }) => {
      await prepared(cli, skip);
      const { model, dataDir, host, chat, asOperator } = await hostOf(engine, cli);
      expect(await chat("hello there")).toBe("you said: hello there\n");
      // The next request has the tool's output, in brackets. The command itself has other words in its brackets.
      const search = [
        "echo [uid $(id -u)]",
        "echo [keys $(cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | /bin/busybox grep -c planted-0)]",
        "echo [net $(ls /sys/class/net)]",
        "echo [sockets $(ls /run/gatehouse)]",
        "echo [root $(touch /made 2>&1 | /bin/busybox grep -o Read-only)]",
        "echo [runner $(cat $(/bin/busybox grep -l agent-runner.cjs /proc/[0-9]*/cmdline | /bin/busybox sed 's/cmdline/environ/') 2>&1 | /bin/busybox grep -o denied | /bin/busybox head -n 1)]",
      ];
      expect(await chat(`run ${search.join("; ")}`)).toBe("it ran\n");
      const uid = process.getuid?.() || 1000;
      const found = [
        `uid ${uid}`,
        "keys 0",
        "net lo",
        "sockets gateway.sock runners.sock",
        "root Read-only",
        "runner denied",
      ];
      for (const words of found) expect(model.asked()).toContain(`[${words}]`);
      const sessions = asOperator("sessions", "list", "--json");
      const { data } = JSON.parse(sessions) as { readonly data: readonly { readonly id: string }[] };
      host.child.kill("SIGTERM");
      const { stdout, stderr } = await host.ended;
      // The runner usually prints nothing.
      const printed = await ranCli({ dataDir }, "logs", "--session", data[0]?.id ?? "");
      const said = [sessions, stdout, stderr, printed.stdout, printed.stderr];
      expect(said.filter((one) => one.includes(key))).toEqual([]);
      // Every other file of the run: the database, logs, transcripts, the agent's HOME.
      expect(filesWithKey(dataDir)).toEqual(["secrets.json"]);
    },
  );

  test(
    "claude asks for packages, and is restarted with them after an approval",
    { tags: ["slow"] },
    async ({ skip }) => {
      const [claude] = clis;
      await prepared(claude, skip);
      skip(!(await hasBridge(socket)), `${name} has no bridge network`);
      const { model, dataDir, host, chat, asOperator } = await hostOf(engine, claude);
      const log = (): Promise<string> => printedBy(dataDir, "logs", "-n", "1000");
      const install = async (name: string): Promise<void> => {
        const input = JSON.stringify({ apt: [name], reason: "to try it" });
        expect(await chat(`use mcp__gatehouse__install_packages ${input}`)).toContain("it ran\n");
        const listed = asOperator("approvals", "list", "--status", "pending", "--json");
        const { data } = JSON.parse(listed) as { readonly data: readonly { readonly id: string }[] };
        asOperator("approvals", "approve", data[0]?.id ?? "");
      };
      await install("missing");
      await vi.waitFor(async () => expect(await log()).toMatch(/ install-failed /));
      await vi.waitFor(() => expect(model.asked()).toContain("Unable to locate package missing"));
      expect((await log()).match(/ container-started /g)).toHaveLength(1);
      await install("tiny");
      await vi.waitFor(async () => expect((await log()).match(/ container-started /g)).toHaveLength(2));
      await vi.waitFor(() => expect(model.asked()).toContain("Installed: tiny. Try them"));
      expect(await chat("run echo [tiny says $(tiny)]")).toContain("it ran\n");
      expect(model.asked()).toContain("[tiny says I am tiny]");
      expect(asOperator("groups", "config", "get", "Ana")).toContain("tiny");
      host.child.kill("SIGTERM");
      await host.ended;
    },
  );
});

/** The number of kills. The default shows only that the test works; use GATEHOUSE_POINTS=200 to find problems. */
const kills = Number(process.env["GATEHOUSE_POINTS"] ?? 6);

describe.for(engines)("chaos in containers of $name", ({ name, socket }) => {
  const share = (part: number): number => Math.max(1, Math.round((kills * part) / 10));
  const { what, options, run } = chaosOf({
    on: "a file",
    place: { why: null, make: () => containers({ name, socket }) },
    groups: 2,
    people: { local: 2 },
    messages: Math.max(20, kills),
    mix: mixes.requests,
    faults: {
      "kill a host": share(2),
      "kill an agent": share(4),
      "kill a container's monitor": share(2),
      "restart a group": share(1),
      // The test Docker has one service for all tests.
      "kill the engine": name === "podman" ? share(2) : 0,
    },
  });
  test(what, { ...options, timeout: 3_600_000 }, async ({ skip }) => {
    skip(socket === "", `GATEHOUSE_TEST_${name.toUpperCase()} names no socket of ${name}`);
    await agentsBuilt({ name, socket });
    await run();
  });
});
