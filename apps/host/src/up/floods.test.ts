import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, readFileSync } from "node:fs";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openCentral } from "@gatehouse/central-database";
import { addRow, temporaryFolder } from "@gatehouse/central-database/testing";
import { systemCode } from "@gatehouse/std";
import { gatewayTokenOf } from "@gatehouse/session-rows/messages";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { spawnHost } from "./host.fixture.ts";
import { runWith } from "./run.fixture.ts";

const { gatehouse } = inject("programs");

/** The agent that is served, and the one whose token floods. */
const tokens = { "se-1": gatewayTokenOf("an agent's"), "se-2": gatewayTokenOf("a flooder's") };

/** A data folder of two groups with a session and a token each, which another account of the machine can pass. */
const folderWithAgents = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const opened = await openCentral(dataDir);
  if (!opened.ok) expect.fail(opened.error.code);
  const { db, close } = opened.value;
  for (const [session, token] of Object.entries(tokens)) {
    const [group, chat] = [`ag-${session}`, `mg-${session}`];
    await addRow(db, "agent_groups", { id: group, folder: group });
    await addRow(db, "messaging_groups", { id: chat, platform_id: chat });
    await addRow(db, "sessions", { id: session, agent_group_id: group, messaging_group_id: chat });
    const gateway_hash = createHash("sha256").update(token).digest("base64url");
    await addRow(db, "session_tokens", { session_id: session, gateway_hash, hash: gateway_hash });
  }
  await close();
  chmodSync(dataDir, 0o711);
  return dataDir;
};

/** A model that answers after 300 ms. */
const slowModel = async (): Promise<string> => {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      setTimeout(() => response.end(JSON.stringify({ usage: { input_tokens: 1, output_tokens: 1 } })), 300);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** The time of one request of the agent, ms, and its status. A full queue of the socket is dialled again, as by the runner. */
const ask = async (dataDir: string): Promise<{ readonly ms: number; readonly status: number }> => {
  const began = performance.now();
  for (;;) {
    const status = await askOnce(dataDir).catch((error: unknown) => {
      if (systemCode(error) !== "EAGAIN") throw error;
    });
    if (status !== undefined) return { ms: performance.now() - began, status };
    await after(20);
  }
};

const askOnce = (dataDir: string): Promise<number> => {
  const request = send({
    socketPath: join(dataDir, "gateway.sock"),
    path: "/v1/messages",
    method: "POST",
    headers: { authorization: `Bearer ${tokens["se-1"]}`, "anthropic-version": "2023-06-01" },
  });
  request.end(JSON.stringify({ model: "claude-sonnet-4-5", max_tokens: 100, messages: [] }));
  return new Promise((resolve, reject) =>
    request.once("error", reject).once("response", (response) => {
      const status = response.statusCode ?? 0;
      void text(response).then(() => resolve(status), reject);
    }),
  );
};

/** The times of 30 requests, one after the other, in ascending order. Each must be answered. */
const timesOf = async (dataDir: string): Promise<readonly number[]> => {
  const times: number[] = [];
  while (times.length < 30) {
    const { ms, status } = await ask(dataDir);
    expect(status).toBe(200);
    times.push(ms);
  }
  return times.sort((a, b) => a - b);
};

/** The most memory that a process has had at once, MB. */
const mostMemory = (pid: number | undefined): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_000;

/** Starts a flood by the account `nobody`, which has no right to anything of the host. Resolves once it is at its height. */
const flooded = async (args: readonly string[]): Promise<void> => {
  const program = fileURLToPath(new URL("flooder.fixture.mjs", import.meta.url));
  // The account cannot read the checkout, so the program comes by its command line.
  const code = readFileSync(program, "utf8");
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    uid: 65_534,
    gid: 65_534,
    cwd: "/",
    env: { PATH: process.env["PATH"] },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (said += part));
  await vi.waitFor(() => expect(said).toBe("open\n"), { timeout: 120_000, interval: 50 });
};

describe(
  "an agent whose model answers in 300 ms, beside a flood",
  { tags: ["soak"], timeout: 400_000 },
  () => {
    test.skipIf(process.getuid?.() !== 0).for([
      { what: "6,000 idle connections of an account without a right", kind: "idle", count: 6_000 },
      { what: "60 half-sent bodies of another agent", kind: "body", count: 60 },
      { what: "1,000 TLS handshakes that never begin", kind: "handshake", count: 1_000 },
    ])(
      "is answered within twice its usual time, and the host stays below 500 MB: $what",
      async ({ kind, count }) => {
        const dataDir = await folderWithAgents();
        runWith("sk-ant-key", gatehouse, "secrets", "set", "anthropic", "--data", dataDir);
        const host = spawnHost(dataDir, [
          ...["--upstream", `anthropic=${await slowModel()}`],
          ...(kind === "handshake" ? ["--listen", "127.0.0.1:0"] : []),
        ]);
        let stderr = "";
        host.child.stderr?.on("data", (part: string) => (stderr += part));
        await host.ready();
        const usual = await timesOf(dataDir);
        const port = /by TLS on port (\d+)/.exec(stderr)?.[1];
        const target = kind === "handshake" ? (port ?? "") : join(dataDir, "gateway.sock");
        await flooded([kind, String(count), target, tokens["se-2"]]);
        const beside = await timesOf(dataDir);
        await after(11_000);
        const later = await timesOf(dataDir);
        const memory = mostMemory(host.child.pid);
        console.log(kind, {
          usual: usual[15],
          beside: beside[15],
          most: beside[29],
          later: later[15],
          mostLater: later[29],
          memory,
        });
        for (const times of [beside, later]) expect(times[29]).toBeLessThan(2 * (usual[15] ?? 0));
        expect(memory).toBeLessThan(500);
      },
    );
  },
);
