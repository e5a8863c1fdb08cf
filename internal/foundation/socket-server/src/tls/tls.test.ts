import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { connect as connectTls } from "node:tls";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { listenOnTls, type TlsDoor } from "./listen-on-tls.ts";
import { ownTlsIdentity, selfSigned, tlsIdentityIn, type TlsIdentity } from "./tls-identity.ts";

const now = new Date();
const day = 86_400_000;

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "tls-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

const own = async (dataDir = folder()): Promise<TlsIdentity> => {
  const identity = await ownTlsIdentity(dataDir, now);
  return identity.ok ? identity.value : expect.fail(identity.error.message);
};

const dialling = { rejectUnauthorized: false, ALPNProtocols: ["one"] };

const listening = async (identity: TlsIdentity): Promise<TlsDoor> => {
  const report = (error: unknown): void => expect.fail(String(error));
  const place = { host: "127.0.0.1", port: 0, protocols: ["one", "two", "late"] };
  const door = await listenOnTls({ ...place, identity, maxConnections: 1_000, report });
  if (!door.ok) return expect.fail(door.error.message);
  onTestFinished(async () => void (await door.value.close()));
  return door.value;
};

describe("the host's own certificate", () => {
  test("is a self-signed X.509 certificate, valid for ten years", async () => {
    const { cert, key } = await selfSigned(now);
    const parsed = new X509Certificate(cert);
    expect(parsed).toMatchObject({ subject: "CN=gatehouse", issuer: "CN=gatehouse" });
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect((Date.parse(parsed.validTo) - now.getTime()) / day).toBeGreaterThan(3_650);
    expect(key).toContain("BEGIN PRIVATE KEY");
  });

  test("is made once, and kept with its key in a file that only this account may read", async () => {
    const dataDir = folder();
    const first = await own(dataDir);
    expect((await own(dataDir)).pin).toBe(first.pin);
    expect(first.pin).toMatch(/^sha256\/[\w-]{43}$/);
    expect((statSync(join(dataDir, "wire-tls.pem")).mode & 0o777).toString(8)).toBe("600");
  });
});

describe("tlsIdentityIn", async () => {
  const made = await selfSigned(now);
  const old = await selfSigned(new Date(now.getTime() - 4_000 * day));
  const early = await selfSigned(new Date(now.getTime() + 10 * day));
  test.each([
    ["unreadable", { cert: null, key: made.key }, "tls-file-unreadable"],
    ["not PEM", { cert: "hello", key: made.key }, "tls-certificate-unreadable"],
    ["without a key", { cert: made.cert, key: made.cert }, "tls-key-unreadable"],
    ["with another one's key", { cert: made.cert, key: early.key }, "tls-key-mismatch"],
    [
      "with a torn chain",
      { cert: `${made.cert}${made.cert.slice(0, 100)}`, key: made.key },
      "tls-certificate-unusable",
    ],
    ["expired", old, "tls-certificate-expired"],
    ["not valid yet", early, "tls-certificate-early"],
  ])(
    "refuses a certificate that is %s, and names its file and the fix",
    async (_what, { cert, key }, code) => {
      const files = { cert: join(folder(), "c.pem"), key: join(folder(), "k.pem") };
      if (cert !== null) writeFileSync(files.cert, cert);
      writeFileSync(files.key, key, { mode: 0o600 });
      const read = await tlsIdentityIn(files, now);
      if (read.ok) return expect.fail("it was taken");
      expect(read.error).toMatchObject({ code, fix: expect.stringMatching(/\w/) });
      expect(read.error.message).toMatch(/[ck]\.pem/);
    },
  );

  test.each([
    [0o600, null],
    [0o640, null],
    [0o604, "tls-key-exposed"],
    [0o602, "tls-key-exposed"],
  ])("takes a key of mode %o: %s", async (mode, code) => {
    const files = { cert: join(folder(), "c.pem"), key: join(folder(), "k.pem") };
    writeFileSync(files.cert, made.cert);
    writeFileSync(files.key, made.key);
    chmodSync(files.key, mode);
    const read = await tlsIdentityIn(files, now);
    expect(read.ok ? null : read.error.code).toBe(code);
  });

  test("the error for a torn own certificate names its file", async () => {
    const dataDir = folder();
    await own(dataDir);
    const file = join(dataDir, "wire-tls.pem");
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 100));
    const read = await ownTlsIdentity(dataDir, now);
    expect(read).toMatchObject({ ok: false, error: { fix: `remove ${file}: a new one is made` } });
  });
});

describe("listenOnTls", () => {
  test("refuses a port that is in use, and names it", async () => {
    const identity = await own();
    const { port } = await listening(identity);
    const again = { host: "127.0.0.1", port, identity, protocols: [], maxConnections: 1, report: () => {} };
    expect(await listenOnTls(again)).toMatchObject({ ok: false, error: { code: "port-in-use" } });
  });

  test.for([
    { offered: ["two"], got: "two" },
    { offered: ["three", "one"], got: "one" },
    { offered: ["three"], got: "" },
    { offered: undefined, got: "" },
    // Known to the door, and served by no handler.
    { offered: ["late"], got: "" },
  ])("serves a connection that offers $offered as $got", async ({ offered, got }) => {
    const door = await listening(await own());
    for (const protocol of ["one", "two"]) door.serve(protocol, (socket) => void socket.end(protocol));
    const ALPNProtocols = offered === undefined ? {} : { ALPNProtocols: offered };
    const place = { port: door.port, host: "127.0.0.1", rejectUnauthorized: false };
    let said = "";
    const stream = connectTls({ ...place, ...ALPNProtocols }).on("error", () => {});
    stream.on("data", (data: Buffer) => (said += data.toString("latin1")));
    await new Promise((resolve) => stream.once("close", resolve));
    expect(said).toBe(got);
  });

  test("never answers plain TCP", async () => {
    const door = await listening(await own());
    door.serve("one", () => expect.fail("it was accepted"));
    const plain = connect(door.port, "127.0.0.1");
    plain.on("error", () => {});
    let got = "";
    plain.on("data", (data: Buffer) => (got += data.toString("latin1")));
    plain.write("GET /runner HTTP/1.1\r\nhost: host\r\n\r\n");
    await once(plain, "close");
    expect(got).not.toContain("HTTP");
  });

  test(
    "allows 16 unfinished handshakes of an address, and serves a client that finishes one",
    { tags: ["slow"] },
    async () => {
      const door = await listening(await own());
      let accepted = 0;
      door.serve("one", (socket) => {
        accepted += 1;
        socket.end();
      });
      const half = Array.from({ length: 500 }, () => connect(door.port, "127.0.0.1").on("error", () => {}));
      onTestFinished(() => half.forEach((socket) => socket.destroy()));
      await vi.waitFor(() =>
        expect(half.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(16),
      );
      const good = connectTls({ ...dialling, port: door.port, host: "127.0.0.1" });
      await once(good.resume(), "close");
      expect(accepted).toBe(1);
    },
  );

  // Linux has every address of 127/8; other systems have one.
  test.runIf(process.platform === "linux")(
    "a flood of handshakes from one address ends no slow handshake of another",
    { tags: ["slow"] },
    async () => {
      const door = await listening(await own());
      door.serve("one", (socket) => socket.end());
      const slow = connect({ port: door.port, host: "127.0.0.1", localAddress: "127.0.0.2" });
      await once(slow, "connect");
      const flood = Array.from({ length: 600 }, () => connect(door.port, "127.0.0.1").on("error", () => {}));
      onTestFinished(() => flood.forEach((socket) => socket.destroy()));
      await vi.waitFor(() =>
        expect(flood.filter(({ destroyed }) => destroyed).length).toBeGreaterThanOrEqual(600 - 16),
      );
      const client = connectTls({ ...dialling, socket: slow });
      await once(client, "secureConnect");
      client.destroy();
    },
  );
});
