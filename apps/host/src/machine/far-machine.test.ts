import { spawn } from "node:child_process";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { expect, inject, onTestFinished, test } from "vitest";
import { machineBed, until } from "./machine.fixture.ts";

const { gatehouse } = inject("programs");

/** A line to a port of this machine on which each byte takes 40 ms, and which can be cut. */
const farLine = async (port: () => number) => {
  let isCut = false;
  const sockets = new Set<Socket>();
  const late = (from: Socket, to: Socket): void => {
    from.on("data", (data: Buffer) => void setTimeout(() => to.write(data), 40));
    from.on("error", () => {}).on("close", () => void setTimeout(() => to.destroy(), 50));
    sockets.add(from.once("close", () => sockets.delete(from)));
  };
  const relay = createServer((from) => {
    if (isCut) return void from.destroy();
    const to = connect(port(), "127.0.0.1");
    late(from, to);
    late(to, from);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void relay.close());
  return {
    port: (relay.address() as AddressInfo).port,
    /** Cuts the line for a time, ms. */
    cut: async (ms: number): Promise<void> => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
      await pause(ms);
      isCut = false;
    },
  };
};

test(
  "120 messages over a line of 80 ms that is cut three times for 10 s are each answered once, in order",
  { tags: ["soak"], timeout: 300_000 },
  async () => {
    const { dataDir, up, port, invited, agent } = await machineBed();
    await up();
    const line = await farLine(port);
    const there = agent(await invited("--address", `127.0.0.1:${line.port}`));
    await until(() => expect(there.said()).toContain("connected: the agents of Ana run here"));
    const chat = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
    onTestFinished(() => void chat.kill("SIGKILL"));
    let answers = "";
    chat.stdout.setEncoding("utf8").on("data", (text: string) => (answers += text));
    const ended = new Promise((resolve) => chat.on("close", resolve));
    const lines = Array.from({ length: 120 }, (_, at) => `line ${at}`);
    chat.stdin.end(`${lines.join("\n")}\n`);
    for (let cuts = 1; cuts <= 3; cuts += 1) {
      // Each cut comes in the middle of the work.
      await until(() => expect(answers.split("\n").length).toBeGreaterThan(cuts * 20));
      await line.cut(10_000);
    }
    expect(await ended).toBe(0);
    expect(answers).toBe(`${lines.join("\n")}\n`);
    expect(there.said()).toContain("The connection to the host is broken");
  },
);
