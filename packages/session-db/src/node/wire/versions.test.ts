import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { connect } from "node:net";
import { inbound, must, projectionOf, start } from "../../testing/contract-case.ts";
import { wireVersion, wireVersions } from "../../wire/frames.ts";
import { runnerPath } from "./serve-runners.ts";
import { wireFixture } from "./wire.fixture.ts";

const { path, served, remove } = await wireFixture();
afterAll(remove);

/** A runner from an earlier build's bundle, by the wire version that it speaks. */
const kept = (version: number): string =>
  fileURLToPath(new URL(`../../../../../test-fixtures/runners/wire-${version}.mjs`, import.meta.url));

const runner = (version: number, token: string) => {
  const child = spawn(process.execPath, [kept(version), path, "answers"], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.write(`${token}\n`);
  return { stderr: () => stderr };
};

describe("a host", { tags: ["slow"] }, () => {
  test("speaks its own version and the one before", () => {
    expect(wireVersions).toEqual([wireVersion, wireVersion - 1]);
  });

  test("serves a runner of the previous version, kept from an earlier build", async () => {
    const { session, connections, reported } = await served();
    const { host: openHost, token } = session();
    const host = openHost(1);
    await must(host.project(projectionOf()));
    await must(host.send([inbound("m")]));
    runner(wireVersion - 1, token());
    const answers = async () => must(host.receive({ limit: 10, now: start }));
    await vi.waitFor(
      async () => expect(await answers()).toMatchObject([{ id: "re-m", inReplyTo: "m" }]),
      10_000,
    );
    expect(connections()).toMatchObject([{ version: wireVersion - 1, refusals: 0 }]);
    // A notice would be a frame that this runner does not know.
    await must(host.interrupt());
    await must(host.send([inbound("n")]));
    await vi.waitFor(async () => expect(await answers()).toHaveLength(2), 10_000);
    expect(reported).toEqual([]);
  });

  test("tells its versions to a kept runner of an unknown version", async () => {
    const { session, ended } = await served();
    const { token } = session();
    const { stderr } = runner(99, token());
    await vi.waitFor(() => expect(ended).toEqual(["unknown-version"]), 10_000);
    const socket = new WebSocket(`ws://host${runnerPath}`, { createConnection: () => connect(path) });
    const said = new Promise<string>((resolve) =>
      socket.once("message", (data: Buffer) => resolve(data.toString())),
    );
    socket.once("open", () => socket.send(JSON.stringify({ type: "hello", versions: [99, 98], token: "t" })));
    expect(JSON.parse(await said)).toMatchObject({
      code: "unknown-version",
      message: `The host speaks versions ${wireVersion} and ${wireVersion - 1} of the wire, and the runner 99 and 98.`,
    });
    expect(stderr()).toBe("");
  });
});
