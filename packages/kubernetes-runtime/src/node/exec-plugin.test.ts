// @module-tag slow
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createPlain, type Server } from "node:http";
import { createServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import type { TLSSocket } from "node:tls";
import { generate } from "selfsigned";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { runPlugin, type ExecPlugin } from "./exec-plugin.ts";
import { kubeClient } from "./kube-client.ts";
import { kubeConfig } from "./kube-config.ts";

const v1 = "client.authentication.k8s.io/v1";
const v1beta1 = "client.authentication.k8s.io/v1beta1";
const secret = "secret-of-the-operator";
const [past, future] = ["2018-03-05T17:30:20-08:00", "2999-01-01T00:00:00Z"];

const temporary = (): string => {
  const made = mkdtempSync(join(tmpdir(), "exec-plugin-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

/** Writes a plug-in: a program of Node with this text. */
const write = (path: string, text: string, mode = 0o755): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!${process.execPath}\n${text}\n`, { mode });
};

/** A program that prints an ExecCredential. */
const prints = (status: unknown, over: object = {}): string => {
  const credential = { apiVersion: v1, kind: "ExecCredential", status, ...over };
  return `console.log(${JSON.stringify(JSON.stringify(credential))});`;
};

const plugin = (folder: string, over: Partial<ExecPlugin> = {}): ExecPlugin => ({
  apiVersion: v1,
  command: "./plugin",
  args: [],
  env: {},
  folder,
  cluster: null,
  installHint: "",
  ...over,
});

/** Runs a plug-in of this text. */
const ran = (text: string, over: Partial<ExecPlugin> = {}, withinMs?: number) => {
  const folder = temporary();
  write(join(folder, "plugin"), text);
  return runPlugin(plugin(folder, over), new AbortController().signal, withinMs);
};

const [one, two] = await Promise.all(
  ["one", "two"].map(async (value) => {
    const made = await generate([{ name: "commonName", value }], { keyType: "ec", curve: "P-256" });
    return { clientCertificateData: made.cert, clientKeyData: made.private };
  }),
);

describe("runPlugin", () => {
  test.for<[string, unknown, object, object?]>([
    ["a token", { token: secret }, { token: secret }],
    [
      "a token and when it expires",
      { token: secret, expirationTimestamp: past },
      { expiresAt: 1520299820000 },
    ],
    ["a token that says it never expires", { token: secret, expirationTimestamp: null }, { token: secret }],
    [
      "a certificate and its key",
      one,
      { token: null, cert: one?.clientCertificateData, key: one?.clientKeyData },
    ],
    ["both", { token: secret, ...one }, { token: secret, key: one?.clientKeyData }],
    ["an empty certificate beside a token", { token: secret, clientKeyData: "" }, { token: secret }],
    ["a spec, as gke-gcloud-auth-plugin does", { token: secret }, { token: secret }, { spec: { x: 1 } }],
  ])("takes %s", async ([, status, value, over]) => {
    expect(await ran(prints(status, over))).toMatchObject({ ok: true, value });
  });

  test("takes what a program of v1beta1 prints for v1beta1", async () => {
    const printed = prints({ token: secret }, { apiVersion: v1beta1 });
    expect(await ran(printed, { apiVersion: v1beta1 })).toMatchObject({ ok: true });
  });

  test.for<[string, string, RegExp]>([
    ["nothing", "", /^printed no ExecCredential of \S+\/v1$/],
    ["no JSON", `console.log("${secret}")`, /^printed no ExecCredential of \S+\/v1$/],
    ["another version", prints({ token: secret }, { apiVersion: v1beta1 }), / \(apiVersion\)$/],
    ["another kind", prints({ token: secret }, { kind: "Secret" }), / \(kind\)$/],
    ["no status", prints(undefined), / \(status\)$/],
    ["a null as its status", prints(null), / \(status\)$/],
    ["an empty status", prints({}), /neither a token nor a certificate/],
    ["an empty token", prints({ token: "" }), /neither a token nor a certificate/],
    ["a token of two lines", prints({ token: `${secret}\nx` }), / \(status\.token\)$/],
    ["a number as its token", prints({ token: 1 }), / \(status\.token\)$/],
    [
      "no date as its expiry",
      prints({ token: secret, expirationTimestamp: "soon" }),
      / \(status\.expirationTimestamp\)$/,
    ],
    ["a certificate alone", prints({ ...one, clientKeyData: undefined }), /without its key, or a key alone/],
    ["a key alone", prints({ ...one, clientCertificateData: "" }), /without its key, or a key alone/],
    ["a certificate that is none", prints({ ...one, clientCertificateData: secret }), /cannot be used/],
    ["the key of another one", prints({ ...one, clientKeyData: two?.clientKeyData }), /cannot be used/],
    ["too much", `for (;;) require("node:fs").writeSync(1, "${secret}".repeat(999));`, /^printed too much$/],
  ])("refuses a program that prints %s, and quotes nothing of it", async ([, text, says]) => {
    const refused = await ran(text);
    expect(refused).toMatchObject({ ok: false, error: { says: expect.stringMatching(says) as unknown } });
    expect(JSON.stringify(refused)).not.toContain(secret);
  });

  test.for<[string, string, string]>([
    ["its exit code", "process.exit(3);", "ended with code 3"],
    [
      "the end of its stderr, in a line",
      `console.error("x".repeat(2e6) + "\\nToken has expired.\\n\\x1b[1mRun: aws sso login."); process.exitCode = 255;`,
      String.raw`Token has expired. \u{1b}[1mRun: aws sso login`,
    ],
    [
      "the signal that ended it",
      `process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1e3);`,
      "SIGKILL",
    ],
  ])("says of a program that fails %s", async ([, text, says]) => {
    expect(await ran(`${prints({ token: secret })}${text}`)).toEqual({
      ok: false,
      error: {
        says: expect.stringContaining(says) as unknown,
        fix: "sign in with it at a terminal: kubectl version runs it too",
      },
    });
  });

  test("ends a program that does not end, with what it has started", async () => {
    const folder = temporary();
    const pidFile = join(folder, "pid");
    const child = `require("node:child_process").spawn("sleep", ["1000"], { stdio: "inherit" })`;
    write(
      join(folder, "plugin"),
      `console.error("Open a browser"); require("node:fs").writeFileSync("${pidFile}", String(${child}.pid)); setInterval(() => {}, 1e3);`,
    );
    const stopping = new AbortController();
    const running = runPlugin(plugin(folder), stopping.signal);
    await vi.waitFor(() => expect(existsSync(pidFile) && readFileSync(pidFile, "utf8")).toMatch(/\d/));
    stopping.abort();
    expect(await running).toMatchObject({ error: { says: "was stopped: Open a browser" } });
    const pid = Number(readFileSync(pidFile, "utf8"));
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"));
    expect(await ran("setInterval(() => {}, 1e3);", {}, 300)).toMatchObject({
      error: { says: "did not end within 0.3 s" },
    });
  });

  test("gives it no terminal, no input, and what its entry says", async () => {
    const cluster = { server: "https://k:6443" };
    const told = await ran(
      `const { argv, env } = process; const fs = require("node:fs");
       let terminal = "none"; try { fs.openSync("/dev/tty"); terminal = "there"; } catch {}
       console.error(JSON.stringify([argv.slice(2), env.A, terminal, fs.readFileSync(0, "utf8"), JSON.parse(env.KUBERNETES_EXEC_INFO)]));
       process.exit(1);`,
      { args: ["$HOME", "a b"], env: { A: "1" }, cluster },
    );
    const info = { apiVersion: v1, kind: "ExecCredential", spec: { interactive: false, cluster } };
    const says = `ended with code 1: ${JSON.stringify([["$HOME", "a b"], "1", "none", "", info])}`;
    expect(told).toMatchObject({ error: { says } });
  });

  test.for<[string, string, boolean]>([
    ["a path", "/FOLDER/bin/aws", true],
    ["a path relative to the kubeconfig", "bin/aws", true],
    ["such a path with a dot", "./bin/aws", true],
    ["a name in PATH", "aws", true],
    ["a name in the folder of the kubeconfig, which is not in PATH", "plugin", false],
    ["a path that is not there", "./aws", false],
  ])("looks for %s", async ([, command, isThere]) => {
    const folder = temporary();
    write(join(folder, "bin/aws"), prints({ token: secret }));
    write(join(folder, "plugin"), prints({ token: secret }));
    const made = await runPlugin(
      plugin(folder, { command: command.replace("/FOLDER", folder), env: { PATH: join(folder, "bin") } }),
      new AbortController().signal,
    );
    if (isThere) expect(made).toMatchObject({ ok: true });
    else
      expect(made).toEqual({
        ok: false,
        error: { says: "is not there", fix: `install ${command}, or add it to PATH` },
      });
  });

  test("shows the hint of the kubeconfig for a program that is not there, and for no other", async () => {
    const installHint = "Install the plug-in:\n  brew install aws.\n";
    const [missing, failing] = [{ command: "gatehouse-has-no-such-program" }, {}];
    expect(await ran("", { ...missing, installHint })).toMatchObject({
      error: { fix: "Install the plug-in: brew install aws" },
    });
    const other = await ran("process.exit(1);", { ...failing, installHint });
    expect(JSON.stringify(other)).not.toContain("brew");
  });

  test("says that a file is no program", async () => {
    const folder = temporary();
    write(join(folder, "plugin"), "", 0o644);
    expect(await runPlugin(plugin(folder), new AbortController().signal)).toMatchObject({
      error: { says: "cannot be run (EACCES)" },
    });
  });
});

/** A kubeconfig whose user has this, as YAML in one line, and a plug-in beside it that counts its starts. */
const kubeconfig = async (server: string, exec: string, text: string, cluster = "") => {
  const folder = temporary();
  write(join(folder, "plugin"), `require("node:fs").appendFileSync("${folder}/starts", "x"); ${text}`);
  const path = join(folder, "config");
  writeFileSync(
    path,
    [
      "apiVersion: v1\nkind: Config\ncurrent-context: c",
      `clusters: [{name: k, cluster: {server: "${server}"${cluster}}}]`,
      `users: [{name: u, user: {${exec}}}]`,
      "contexts: [{name: c, context: {cluster: k, user: u}}]",
    ].join("\n"),
  );
  const starts = (): number =>
    existsSync(join(folder, "starts")) ? readFileSync(join(folder, "starts"), "utf8").length : 0;
  return { access: await kubeConfig(path, { FROM_HOST: "1" }), path, folder, starts };
};

const exec = `exec: {apiVersion: ${v1}, command: ./plugin, interactiveMode: Never}`;

describe("a kubeconfig with a plug-in", () => {
  test.for<[string, string, RegExp]>([
    ["of an old version", `exec: {apiVersion: ${v1}alpha1, command: aws}`, /"u": exec\.apiVersion: /],
    ["without a version", "exec: {command: aws}", /"u": exec\.apiVersion: /],
    ["without a command", `exec: {apiVersion: ${v1}}`, /"u": exec\.command: /],
    [
      "of an unknown mode",
      `exec: {apiVersion: ${v1}, command: aws, interactiveMode: No}`,
      /interactiveMode: /,
    ],
    [
      "that asks at a terminal",
      `exec: {apiVersion: ${v1}, command: aws, interactiveMode: Always}`,
      /config signs in by aws, which asks at a terminal \(interactiveMode Always\)\. A host has none\.$/,
    ],
  ])("is refused with one %s", async ([, user, message]) => {
    const { access, starts } = await kubeconfig("https://k:6443", user, "");
    expect(access).toMatchObject({
      error: { code: "kubeconfig-unusable", message: expect.stringMatching(message) as unknown },
    });
    expect(starts()).toBe(0);
  });

  test.for<[string, string]>([
    ["a token", `token: fixed, ${exec}`],
    ["a token's file", `tokenFile: config, ${exec}`],
    ["a certificate", `client-certificate: config, client-key: config, ${exec}`],
    ["a token, also one with a plug-in that asks", `token: fixed, ${exec.replace("Never", "Always")}`],
  ])("runs none where it has %s", async ([, user]) => {
    const { access, starts } = await kubeconfig("https://k:6443", user, "");
    if (!access.ok) return expect.fail(access.error.message);
    expect(await access.value.signIn(new AbortController().signal)).toMatchObject({ ok: true });
    expect(starts()).toBe(0);
  });

  test("passes it the variables of the host and of its entry, and the cluster if it asks for it", async () => {
    const says = `console.error(process.env.FROM_HOST + process.env.A + " " + process.env.KUBERNETES_EXEC_INFO); process.exit(1);`;
    const cluster =
      ", certificate-authority: ca.pem, tls-server-name: k, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a}}, {name: x, extension: {b: 1}}]";
    const asking = exec.replace("Never}", 'Never, provideClusterInfo: true, env: [{name: A, value: "2"}]}');
    const folder = temporary();
    writeFileSync(join(folder, "ca.pem"), "PEM");
    const withCa = cluster.replace("ca.pem", join(folder, "ca.pem"));
    const told = async (entry: string): Promise<string> => {
      const { access } = await kubeconfig("https://k:6443", entry, says, withCa);
      if (!access.ok) return access.error.message;
      const made = await access.value.signIn(new AbortController().signal);
      return made.ok ? "" : made.error.message;
    };
    expect(await told(exec)).toContain(
      '1undefined {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}}',
    );
    expect(await told(asking)).toContain(
      '12 {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":"https://k:6443","tls-server-name":"k","certificate-authority-data":"UEVN","config":{"audience":"a"}}}}',
    );
  });
});

/** Starts a server for a test. Returns its port. */
const listening = async (server: Server | TlsServer) => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
};

/** A client whose plug-in has this text, of a server that takes the tokens that `takes` says. */
const clientOf = async (text: string, takes: (token: string) => boolean) => {
  const tokens: string[] = [];
  const server = createPlain(({ headers }, response) => {
    const token = (headers.authorization ?? "").replace("Bearer ", "");
    tokens.push(token);
    response.writeHead(takes(token) ? 200 : 401).end('{"message":"Unauthorized"}\n');
  });
  const made = await kubeconfig(`http://127.0.0.1:${await listening(server)}`, exec, text);
  if (!made.access.ok) throw new Error(made.access.error.message);
  const client = kubeClient(made.access.value, async () => {});
  onTestFinished(client.close);
  return { ...made, client, tokens };
};

const get = { method: "GET", path: "/version" } as const;
/** A program that prints a token of another number at each start. */
const numbered = `const { length } = require("node:fs").readFileSync(__dirname + "/starts"); console.log(JSON.stringify({ apiVersion: "${v1}", kind: "ExecCredential", status: { token: "token-" + length } }));`;

describe("a client that signs in by a plug-in", () => {
  test.for<[string, object, number]>([
    ["once for requests at once and later, without an expiry", {}, 1],
    ["once until it expires", { expirationTimestamp: future }, 1],
    ["again for each request whose token has expired at once", { expirationTimestamp: past }, 2],
  ])("runs it %s", async ([, status, times]) => {
    const { client, starts } = await clientOf(prints({ token: secret, ...status }), () => true);
    const asked = await Promise.all([client.ask(get), client.ask(get), client.ask(get)]);
    expect(asked.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect((await client.ask(get)).ok).toBe(true);
    expect(starts()).toBe(times);
  });

  test("signs in anew after a 401, once for all requests, also those that follow", async () => {
    const { client, tokens, starts } = await clientOf(numbered, (token) => token === "token-2");
    const lines: unknown[] = [];
    const followed = client.follow(get, (line) => lines.push(line) < 1, 20_000);
    expect((await Promise.all([client.ask(get), client.ask(get)])).map(({ ok }) => ok)).toEqual([true, true]);
    expect([await followed, lines.length]).toEqual([{ ok: true, value: null }, 1]);
    expect([tokens.toSorted(), starts()]).toEqual([
      ["token-1", "token-1", "token-1", "token-2", "token-2", "token-2"],
      2,
    ]);
  });

  test("says that the server refuses it where the next token is refused too, or is the same", async () => {
    const other = await clientOf(numbered, () => false);
    const same = await clientOf(prints({ token: secret }), () => false);
    for (const { client } of [other, same])
      expect(await client.ask(get)).toMatchObject({ error: { code: "cluster-refused", status: 401 } });
    expect([other.tokens, same.tokens]).toEqual([["token-1", "token-2"], [secret]]);
  });

  test("asks the server nothing where the plug-in fails, and says why", async () => {
    const text = `${prints({ token: secret })} console.error("Run aws sso login."); process.exit(255);`;
    const { client, path, tokens, starts } = await clientOf(text, () => true);
    expect(await client.ask(get)).toEqual({
      ok: false,
      error: {
        code: "kubeconfig-unusable",
        status: null,
        reason: null,
        message: `${path} signs in by ./plugin, which ended with code 255: Run aws sso login.`,
        fix: "sign in with it at a terminal: kubectl version runs it too",
      },
    });
    expect(await client.follow(get, () => true, 1_000)).toMatchObject({
      error: { code: "kubeconfig-unusable" },
    });
    expect([tokens, starts()]).toEqual([[], 2]);
  });

  test.for<["request" | "client", string]>([
    ["request", "(signing in took too long)"],
    ["client", "which was stopped."],
  ])("waits no longer for it when the %s is stopped", async ([what, says]) => {
    const { client, starts } = await clientOf("setInterval(() => {}, 1e3);", () => true);
    const stopping = new AbortController();
    const asked = client.ask({ ...get, signal: stopping.signal });
    await vi.waitFor(() => expect(starts()).toBe(1));
    if (what === "client") client.close();
    else stopping.abort();
    expect(await asked).toMatchObject({ error: { message: expect.stringContaining(says) as unknown } });
  });

  test("shows the server the certificate, and after a 401 the next one on another connection", async () => {
    const identity = { cert: one?.clientCertificateData ?? "", key: one?.clientKeyData ?? "" };
    const seen: string[] = [];
    const server = createServer(
      { ...identity, requestCert: true, rejectUnauthorized: false },
      ({ socket }, response) => {
        const { CN } = (socket as TLSSocket).getPeerCertificate().subject;
        seen.push(String(CN));
        response.writeHead(CN === "two" ? 200 : 401).end("{}\n");
      },
    );
    const text = `const { length } = require("node:fs").readFileSync(__dirname + "/starts"); console.log(JSON.stringify({ apiVersion: "${v1}", kind: "ExecCredential", status: ${JSON.stringify([one, two])}[length - 1] }));`;
    const address = `https://127.0.0.1:${await listening(server)}`;
    const { access } = await kubeconfig(address, exec, text, ", insecure-skip-tls-verify: true");
    if (!access.ok) return expect.fail(access.error.message);
    const client = kubeClient(access.value, async () => {});
    onTestFinished(client.close);
    expect([(await client.ask(get)).ok, (await client.ask(get)).ok]).toEqual([true, true]);
    expect(seen).toEqual(["one", "two", "two"]);
  });
});
