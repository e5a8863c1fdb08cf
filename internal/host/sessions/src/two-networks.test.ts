// @module-tag rest
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import process from "node:process";
import { listenOnTls, ownTlsIdentity } from "@gatehouse/socket-server";
import { protocols } from "@gatehouse/wire";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { fromAna, install, sessionFixture, until } from "./session.fixture.ts";

const [space, ours, theirs] = [
  `gh-${process.pid}`,
  `gho${process.pid % 10_000}`,
  `ght${process.pid % 10_000}`,
];
/** A subnet for this run only, because several runs may be active. */
const subnet = `10.${200 + (process.pid % 50)}.${Math.floor(process.pid / 50) % 250}`;
const [hostIp, runnerIp] = [`${subnet}.1`, `${subnet}.2`];
const ip = (...args: readonly string[]): string =>
  execFileSync("ip", args, { encoding: "utf8", stdio: "pipe" });
const inside = (...args: readonly string[]): string => ip("netns", "exec", space, "ip", ...args);

const mayMakeSpaces = ((): boolean => {
  const made = spawnSync("ip", ["netns", "add", `${space}-try`]);
  if (made.status === 0) spawnSync("ip", ["netns", "delete", `${space}-try`]);
  return made.status === 0;
})();
if (!mayMakeSpaces)
  console.log("Two network namespaces: skipped, this account may not make them (ip netns add).");

/**
 * A network namespace for the runner, beside the host's. With `isLost`, packets are routed to an unused
 * network card.
 */
const network = () => {
  ip("netns", "add", space);
  onTestFinished(() => void spawnSync("ip", ["netns", "delete", space]));
  ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", space);
  onTestFinished(() => void spawnSync("ip", ["link", "delete", ours]));
  ip("address", "add", `${hostIp}/30`, "dev", ours);
  ip("link", "set", ours, "up");
  inside("address", "add", `${runnerIp}/30`, "dev", theirs);
  inside("link", "set", theirs, "up");
  const nobody = ["lladdr", "02:00:00:00:00:99", "nud", "permanent"];
  return {
    cut: () => ip("link", "set", ours, "down"),
    mend: () => ip("link", "set", ours, "up"),
    lose: () => {
      ip("neigh", "replace", runnerIp, ...nobody, "dev", ours);
      inside("neigh", "replace", hostIp, ...nobody, "dev", theirs);
    },
    find: () => {
      ip("neigh", "delete", runnerIp, "dev", ours);
      inside("neigh", "delete", hostIp, "dev", theirs);
    },
  };
};

/**
 * Relays to a port and delays each chunk by 50 ms in either direction: this kernel may have no `tc netem`.
 */
const lateRelay = async (port: number): Promise<number> => {
  const late = (from: Socket, to: Socket): void => {
    from.on("data", (data: Buffer) => void setTimeout(() => to.write(data), 50));
    from.on("error", () => {}).on("close", () => void setTimeout(() => to.destroy(), 60));
  };
  const relay = createServer((from) => {
    const to = connect(port, hostIp);
    late(from, to);
    late(to, from);
  });
  await new Promise<void>((resolve) => relay.listen(0, hostIp, resolve));
  onTestFinished(() => void relay.close());
  return (relay.address() as AddressInfo).port;
};

/** A host, and its agent in the other namespace, which dials it over TLS. */
const fixture = async (options: { readonly isLate?: boolean } = {}) => {
  const lines = network();
  const made = await sessionFixture();
  const identity = await ownTlsIdentity(made.dataDir, new Date());
  if (!identity.ok) return expect.fail(identity.error.message);
  const report = (error: unknown): void => expect.fail(String(error));
  const door = await listenOnTls({
    host: hostIp,
    port: 0,
    identity: identity.value,
    protocols: Object.values(protocols),
    maxConnections: 10,
    report,
  });
  if (!door.ok) return expect.fail(door.error.message);
  const { runtime, containers } = fakeRuntime({ install });
  const host = await made.host({ runtime, tlsDoor: door.value });
  await host.receive(fromAna("m-0", "first"));
  await until(() => expect(containers).toHaveLength(1));
  const port = options.isLate === true ? await lateRelay(door.value.port) : door.value.port;
  const echo = [
    inject("programs")["echo-runner"],
    `tls://${hostIp}:${port}`,
    "answers",
    identity.value.pin ?? "",
  ];
  const runner = spawn("ip", ["netns", "exec", space, process.execPath, ...echo], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  onTestFinished(() => void runner.kill("SIGKILL"));
  runner.stdin.write(`${containers[0]?.spec.input ?? ""}\n`);
  await until(() => expect(made.texts()).toEqual(["first"]));
  return { ...made, ...lines, host };
};

describe.skipIf(!mayMakeSpaces)(
  "a host and its agent in two network namespaces, over TLS",
  { tags: ["slow"] },
  () => {
    test("each message is answered once over a line that is cut three times", async () => {
      const { host, texts, cut, mend } = await fixture();
      for (const id of ["m-1", "m-2", "m-3"]) {
        cut();
        await host.receive(fromAna(id, id));
        mend();
        await until(() => expect(texts()).toContain(id));
      }
      expect(texts()).toEqual(["first", "m-1", "m-2", "m-3"]);
    });

    test("each message is answered once over a line with a delay of 100 ms", async () => {
      const { host, texts } = await fixture({ isLate: true });
      for (const id of ["m-1", "m-2"]) await host.receive(fromAna(id, id));
      await until(() => expect(texts()).toEqual(["first", "m-1", "m-2"]));
    });

    test("a message is answered once after a time in which each packet is lost without a close", async () => {
      const { host, texts, lose, find, happened } = await fixture();
      lose();
      await host.receive(fromAna("m-1", "m-1"));
      // Longer than the runner waits for a silent connection, so it dials again, into the lost network.
      const until1 = performance.now() + 2_500;
      await until(() => expect(performance.now()).toBeGreaterThan(until1));
      expect(texts()).toEqual(["first"]);
      find();
      await until(() => expect(texts()).toEqual(["first", "m-1"]));
      expect(happened("container-started")).toHaveLength(1);
    });
  },
);
