import { chmodSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { text } from "node:stream/consumers";
import { tempFolder, writeNamedCertificate } from "@gatehouse/socket-server/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { consoleBed } from "./browser.fixture.ts";
import { makeConsole } from "./serve-console.ts";

type Names = Parameters<typeof writeNamedCertificate>[1];

const names = { names: ["console.test", "*.wild.test"], addresses: ["127.0.0.1", "2001:db8::1"] };

/** Serves a console by TLS, with a certificate of these names. */
const serving = async (certified: Names = names, host = "127.0.0.1") => {
  const { deps } = await consoleBed();
  const folder = tempFolder();
  const files = await writeNamedCertificate(folder, certified);
  const [problems, said]: [unknown[], string[]] = [[], []];
  const made = makeConsole((error) => problems.push(error));
  onTestFinished(async () => {
    await made.close();
    expect(problems).toEqual([]);
  });
  const served = await made.serve({
    ...deps,
    host,
    port: 0,
    tls: files,
    say: (text: string) => said.push(text),
    report: (error: unknown) => problems.push(error),
  });
  return { served, files, folder, said };
};

/** Serves it, and asks it for pages. */
const reached = async (certified?: Names) => {
  const { served, ...more } = await serving(certified);
  if (!served.ok) expect.fail(served.error.message);
  const { port } = new URL(served.value);
  const ask = async (
    method: string,
    path: string,
    { host = `console.test:${port}`, ...headers }: Readonly<Record<string, string>> = {},
    body = "",
  ) => {
    const to = { host: "127.0.0.1", port, path, method, rejectUnauthorized: false, agent: false } as const;
    const asked = request({ ...to, headers: { host, ...headers } }).end(body);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, text: await text(answer) };
  };
  return { ...more, address: served.value, port: Number(port), ask };
};

const secureSocket = async (port: number): Promise<TLSSocket> => {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  return socket;
};

/** A console without TLS, and its operator's cookie. */
const plain = async () => {
  const { deps } = await consoleBed();
  const made = makeConsole((error) => expect.fail(String(error)));
  onTestFinished(() => made.close());
  const say = () => {};
  const served = await made.serve({ ...deps, host: "127.0.0.1", port: 0, say, report: say });
  if (!served.ok) expect.fail(served.error.message);
  const { port, origin } = new URL(served.value);
  const { command } = made;
  if (!("run" in command)) expect.fail("It is no command that runs.");
  const invited = JSON.stringify(await command.run({}, { context: {} } as never));
  const code = /"code":"([^"]+)"/.exec(invited)?.[1] ?? "";
  const signedIn = await fetch(`${origin}/sign-in`, {
    method: "POST",
    headers: { origin },
    body: new URLSearchParams({ code }),
    redirect: "manual",
  });
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
  return { port: Number(port), origin, cookie };
};

/** Connections that say nothing, and how many of them are still open. */
const idle = async (port: number, count: number, localAddress = "127.0.0.1") => {
  const sockets = Array.from({ length: count }, () =>
    connect({ port, host: "127.0.0.1", localAddress }).on("error", () => {}),
  );
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  for (const socket of sockets) socket.resume();
  return () => sockets.filter(({ closed }) => !closed).length;
};

/** Longer than a token could have by chance: undici (Node 20) also finds it within a value, without the two dashes. */
const boundary = "boundary.of.a.form";

describe("a form with files", { tags: ["slow"] }, () => {
  const upload = async () => {
    const { port, origin, cookie } = await plain();
    const page = await (await fetch(`${origin}/waiting`, { headers: { cookie } })).text();
    const token = /name="form" value="([^"]*)"/.exec(page)?.[1] ?? "";
    const host = new URL(origin).host;
    /** Begins a form of so many bytes, of which the first are sent. */
    const begin = (bytes: number, first = "") => {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      onTestFinished(() => void socket.destroy());
      let got = "";
      socket.on("data", (data: Buffer) => (got += data.toString()));
      const type = `multipart/form-data; boundary=${boundary}`;
      const head = { host, origin, cookie, "content-type": type, "content-length": String(bytes) };
      const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`POST /talk/ag-team HTTP/1.1\r\n${lines.join("")}\r\n${first}`);
      return { socket, got: () => got };
    };
    /** A whole form, with a file of this name. */
    const whole = (name: string) => {
      const part = (head: string, text: string) =>
        `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${text}\r\n`;
      const body = `${part('name="form"', token)}${part(`name="file"; filename="${name}"`, "x")}--${boundary}--\r\n`;
      return begin(Buffer.byteLength(body), body);
    };
    return { begin, whole };
  };

  test("waits for room: two of a person are read at once", async () => {
    const { begin, whole } = await upload();
    const first = [begin(21_000_000, `--${boundary}\r\n`)];
    // The host may not have seen yet that the others have begun, or are gone: then another is sent. It may also have taken the
    // third before the second, and refused that: so each try begins one more.
    await vi.waitFor(async () => {
      first.push(begin(21_000_000, `--${boundary}\r\n`));
      const third = begin(21_000_000);
      third.socket.write(Buffer.alloc(21_000_000));
      await vi.waitFor(() => expect(third.got()).toMatch(/^HTTP.*\r\n\r\n./s));
      expect(third.got()).toMatch(/^HTTP\/1.1 503 [^]*Send it again in some seconds/);
    });
    for (const { socket } of first) socket.destroy();
    await vi.waitFor(async () => {
      const next = whole("a.txt");
      await vi.waitFor(() => expect(next.got()).toMatch(/^HTTP.*<\/html>/s));
      expect(next.got()).toMatch(/^HTTP\/1.1 409 [^]*No host answers/);
    });
  });

  test("that is too long, or cannot be read, is answered with a sentence", async () => {
    const { begin, whole } = await upload();
    const long = begin(23_000_000);
    long.socket.write(Buffer.alloc(23_000_000));
    await vi.waitFor(() => expect(long.got()).toMatch(/^HTTP\/1.1 413 [^]*at most 20 MB of files/));
    for (const name of ['a"b.txt', 'a\\"b.txt', "a\r\nb.txt"]) {
      const odd = whole(name);
      await vi.waitFor(() => expect(odd.got()).toMatch(/^HTTP\/1.1 (?:400 [^]*cannot be read|409 )/));
    }
  });
});

describe("idle connections of strangers", { tags: ["slow"] }, () => {
  test("end the oldest of them, and leave those of signed-in browsers", async () => {
    const { port, origin, cookie } = await plain();
    const host = new URL(origin).host;
    const own = connect(port, "127.0.0.1");
    onTestFinished(() => void own.destroy());
    let got = "";
    own.on("data", (data: Buffer) => (got += data.toString()));
    const ask = (): void =>
      void own.write(`GET /waiting HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\n\r\n`);
    ask();
    await vi.waitFor(() => expect(got).toContain("Nothing waits for you"));
    const open = await idle(port, 700);
    await vi.waitFor(() => expect(open()).toBe(256));
    got = "";
    ask();
    await vi.waitFor(() => expect(got).toContain("Nothing waits for you"));
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    expect(open()).toBeGreaterThan(200);
  });
});

describe("a console by TLS", { tags: ["slow"] }, () => {
  test("answers a browser at each name of its certificate, and links to the first", async () => {
    const { address, port, ask } = await reached();
    expect(address).toBe(`https://console.test:${port}`);
    for (const host of [`console.test:${port}`, `127.0.0.1:${port}`, `[2001:db8::1]:${port}`])
      expect(await ask("GET", "/healthz", { host })).toMatchObject({ status: 200, text: "ok\n" });
  });

  test.each([
    ["a name that is not in the certificate", "other.test:PORT"],
    ["localhost, which is not in the certificate", "localhost:PORT"],
    ["a name below a wildcard", "any.wild.test:PORT"],
    ["another port", "console.test:1"],
    ["no port", "console.test"],
    ["a name that begins alike", "console.test.evil.test:PORT"],
  ])("refuses a request that names %s", async (_what, host) => {
    const { port, ask } = await reached();
    const answer = await ask("GET", "/sign-in", { host: host.replace("PORT", String(port)) });
    expect([answer.status, answer.text.includes("Sign in")]).toEqual([421, false]);
  });

  test.each([
    ["https://console.test:PORT", 403, "wrong"],
    ["http://console.test:PORT", 403, "elsewhere"],
    ["https://other.test:PORT", 403, "elsewhere"],
    ["null", 403, "elsewhere"],
  ])("of a form with the origin %s says %i, %s", async (from, status, word) => {
    const { port, ask } = await reached();
    const origin = from.replace("PORT", String(port));
    const type = "application/x-www-form-urlencoded";
    const answer = await ask("POST", "/sign-in", { origin, "content-type": type }, "code=x");
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(word);
  });

  test("never answers plain HTTP", async () => {
    const { port } = await reached();
    const plain = connect(port, "127.0.0.1").on("error", () => {});
    let got = "";
    plain.on("data", (data: Buffer) => (got += data.toString("latin1")));
    plain.write(`GET /healthz HTTP/1.1\r\nhost: console.test:${port}\r\n\r\n`);
    await once(plain, "close");
    expect(got).not.toMatch(/HTTP|ok/);
  });

  test("ends the oldest connection of the address that has too many", async () => {
    const { port, ask } = await reached();
    const below = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.2" });
    const other = connectTls({ socket: below, rejectUnauthorized: false });
    onTestFinished(() => void other.destroy());
    await once(other, "secureConnect");
    const sockets: TLSSocket[] = [];
    for (let count = 0; count < 80; count += 1) sockets.push((await secureSocket(port)).resume());
    await vi.waitFor(() => expect(sockets.filter(({ closed }) => !closed)).toHaveLength(64));
    expect([sockets[0]?.closed, sockets.at(-1)?.closed, other.closed]).toEqual([true, false, false]);
    expect((await ask("GET", "/healthz")).status).toBe(200);
  });

  test("speaks no TLS older than 1.2", async () => {
    const { port } = await reached();
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ...old });
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).toMatch(/protocol version/i);
  });

  test("takes a renewed certificate without a restart, with its names", async () => {
    const { port, folder, ask } = await reached();
    await writeNamedCertificate(folder, { names: ["new.test"] });
    await expect
      .poll(async () => (await secureSocket(port)).getPeerCertificate().subjectaltname)
      .toBe("DNS:new.test");
    expect((await ask("GET", "/healthz", { host: `new.test:${port}` })).status).toBe(200);
    expect((await ask("GET", "/healthz")).status).toBe(421);
  });

  test("keeps its certificate while the renewed one cannot be used, and says why once", async () => {
    const { files, said, ask } = await reached();
    writeFileSync(files.cert, "hello");
    for (let asked = 0; asked < 5; asked += 1) expect((await ask("GET", "/healthz")).status).toBe(200);
    await vi.waitFor(() => expect(said).toHaveLength(1));
    expect(said[0]).toMatch(/keeps its earlier certificate. .*console.pem has no certificate in PEM/);
  });

  test("takes the name at which it listens from a wildcard", async () => {
    const { served } = await serving({ names: ["*.wild.test"] }, "box.wild.test");
    // No machine has this name, so it gets as far as the port.
    expect(served).toMatchObject({ ok: false, error: { code: "console-not-served" } });
  });

  test.each([
    ["without a name", { names: [] }],
    ["with a wildcard alone", { names: ["*.test"] }],
  ])("refuses a certificate %s, as no link could lead to it", async (_what, certified) => {
    const { served } = await serving(certified);
    expect(served).toMatchObject({ ok: false, error: { code: "tls-certificate-nameless" } });
  });

  test("refuses a key that other accounts may read, and names its flags for another problem", async () => {
    const { deps } = await consoleBed();
    const files = await writeNamedCertificate(tempFolder(), names, 0o644);
    const serve = () => {
      const given = { ...deps, host: "127.0.0.1", port: 0, tls: files, say: () => {}, report: () => {} };
      return makeConsole(() => {}).serve(given);
    };
    chmodSync(files.key, 0o644);
    expect(await serve()).toMatchObject({ ok: false, error: { code: "tls-key-exposed" } });
    writeFileSync(files.cert, "hello");
    const fix = "name another one with --console-tls-cert and --console-tls-key";
    expect(await serve()).toMatchObject({ ok: false, error: { code: "tls-certificate-unreadable", fix } });
  });
});
