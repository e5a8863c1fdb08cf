import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer as createProxy } from "node:http";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { connectToHost, dialHost } from "@gatehouse/wire/runner";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ranCli } from "../ran-cli.fixture.ts";
import { chatWithAna, folderWithAna } from "./echo-group.fixture.ts";
import { hostHere, spawnHost } from "./host.fixture.ts";

/** Starts a host with the group Ana. */
const hostOfAna = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const dataDir = await folderWithAna();
  const host = spawnHost(dataDir, args, env);
  await host.ready();
  return { dataDir, host };
};

/** Starts a host in this process, with a port for agents. */
const listening = async () => {
  const dataDir = temporaryFolder();
  const { port } = await hostHere(dataDir, { listen: { host: "127.0.0.1", port: 0 } });
  return { dataDir, port: port ?? 0 };
};

/** The command lines and environments of the processes that name a folder. Other hosts may run on this machine. */
const commandsNaming = (folder: string): string =>
  execFileSync("ps", ["-eo", "args", "e"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(folder))
    .join("\n");

describe("gatehouse up --listen", { tags: ["slow"] }, () => {
  test("makes its agents dial by TLS with the host's pin, without a proxy", async () => {
    let asked = 0;
    const proxy = createProxy(() => (asked += 1)).on("connect", (_request, socket) => {
      asked += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void proxy.close());
    const address = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
    const proxies = { HTTPS_PROXY: address, https_proxy: address, HTTP_PROXY: address, ALL_PROXY: address };
    const { dataDir, host } = await hostOfAna(["--listen", "127.0.0.1:0", "--agents-dial", "tls"], proxies);
    expect(await chatWithAna(dataDir, "hello")).toEqual(["hello\n", ""]);
    expect(asked).toBe(0);
    expect((statSync(join(dataDir, "wire-tls.pem")).mode & 0o777).toString(8)).toBe("600");
    const commands = commandsNaming(dataDir);
    expect(commands).toContain("GATEHOUSE_WIRE=tls://127.0.0.1:");
    expect(commands).toContain("GATEHOUSE_GATEWAY=tls://127.0.0.1:");
    expect(commands).not.toContain("sha256/");
    host.child.kill("SIGTERM");
    await host.ended;
  });

  test("gives its agents the Unix socket by default", async () => {
    const { dataDir } = await hostOfAna(["--listen", "127.0.0.1:0"]);
    expect(await chatWithAna(dataDir, "hello")).toEqual(["hello\n", ""]);
    expect(commandsNaming(dataDir)).toContain(`GATEHOUSE_WIRE=unix:${dataDir}/runners.sock`);
  });

  test("gets no token from a runner with a wrong pin, and the runner reports the other key", async () => {
    const { port } = await listening();
    const trouble: string[] = [];
    const to = { type: "tls", host: "127.0.0.1", port } as const;
    const pin = `sha256/${"A".repeat(43)}`;
    const agent = dialHost({
      connect: () => connectToHost(to, pin),
      token: "t",
      trouble: (message) => trouble.push(message),
    });
    onTestFinished(() => agent.close());
    await vi.waitFor(() => expect(trouble).toHaveLength(1));
    expect(trouble[0]).toContain("does not match this runner's pin");
  });

  test("serves the gateway on its port, too, by a name of its own", async () => {
    const { dataDir, port } = await listening();
    const pin = pinIn(new TextDecoder().decode(readFileSync(join(dataDir, "wire-tls.pem"))));
    const asked = async (use: "wire" | "gateway"): Promise<string> => {
      const stream = connectToHost({ type: "tls", host: "127.0.0.1", port }, pin, use);
      stream.write("POST /v1/messages HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n");
      return textOf(stream);
    };
    expect(await asked("gateway")).toMatch(/^HTTP\/1.1 401 [^]*"authentication_error"/);
    expect(await asked("wire")).toMatch(/^HTTP\/1.1 404 /);
  });

  test("serves only runners on its port, and no runner on the sockets for commands and people", async () => {
    const { dataDir, port } = await listening();
    const said = async (path: string | null, text: string): Promise<string> => {
      const address =
        path === null
          ? ({ type: "tls", host: "127.0.0.1", port } as const)
          : ({ type: "unix", path: join(dataDir, path) } as const);
      const known =
        path === null ? new TextDecoder().decode(readFileSync(join(dataDir, "wire-tls.pem"))) : null;
      const stream = connectToHost(address, known === null ? null : pinIn(known));
      let got = "";
      stream.on("error", () => {}).on("data", (data: Buffer) => (got += data.toString("latin1")));
      stream.write(text);
      await vi.waitFor(() => expect(got === "" && !stream.destroyed).toBe(false));
      stream.destroy();
      return got;
    };
    const command = `${JSON.stringify({ id: "1", command: "groups list", args: {} })}\n`;
    const hello = `${JSON.stringify({ type: "hello", user: "ana", as: "local:ana" })}\n`;
    for (const place of [null, "runners.sock"])
      for (const text of [command, hello]) expect(await said(place, text)).toMatch(/^HTTP\/1.1 400 /);
    expect(await said(null, "GET /chat HTTP/1.1\r\nhost: h\r\n\r\n")).toMatch(/^HTTP\/1.1 404 /);
    const upgrade = "GET /runner HTTP/1.1\r\nhost: h\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
    for (const socket of ["ncl.sock", "chat.sock"])
      expect(await said(socket, upgrade)).not.toMatch(/^HTTP|welcome/);
  });

  test("names an unreadable certificate", async () => {
    const dataDir = temporaryFolder();
    const file = join(dataDir, "cert.pem");
    writeFileSync(file, "hello");
    const words = ["--listen", "127.0.0.1:0", "--tls-cert", file, "--tls-key", file];
    expect(await ranCli({ dataDir }, "up", "--runtime", "process", ...words)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${file} has no certificate in PEM`),
    });
  });

  test.each([
    [["--tls-cert", "c.pem"], /--tls-cert and --tls-key go together/],
    [["--agents-dial", "tls"], /need --listen/],
    [["--listen", "7443"], /Write an address and a port/],
    [["--listen", "h:1", "--agents-dial", "tcp://h:1"], /Write tls, or tls:/],
  ])("refuses %j", async (args, why) => {
    expect(await ranCli({ dataDir: temporaryFolder() }, "up", "--runtime", "process", ...args)).toMatchObject(
      {
        code: 2,
        stderr: expect.stringMatching(why),
      },
    );
  });
});

const pinIn = (pem: string): string => {
  const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return `sha256/${createHash("sha256").update(spki).digest("base64url")}`;
};
