import { Buffer } from "node:buffer";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { kubeAccess, kubeConfig } from "./kube-config.ts";

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

const written = (user: string, cluster = ""): string => {
  const path = join(folder(), "config");
  writeFileSync(
    path,
    [
      "apiVersion: v1\nkind: Config\ncurrent-context: c",
      `clusters: [{name: k, cluster: {server: "https://127.0.0.1:6443"${cluster}}}]`,
      `users: [{name: u, user: {${user}}}]`,
      `contexts: [{name: c, context: {cluster: k, user: u, namespace: agents}}]`,
    ].join("\n"),
  );
  return path;
};

const read = (path: string) => kubeConfig(path, {});

/** The token with which requests to this cluster sign in; null without one. */
const tokenOf = async (access: Awaited<ReturnType<typeof read>>): Promise<string | null> => {
  if (!access.ok) return expect.fail(access.error.message);
  const made = await access.value.signIn(new AbortController().signal);
  return made.ok ? made.value.token : expect.fail(made.error.message);
};

describe("kubeConfig", () => {
  test("reads the server, the namespace, and a token", async () => {
    const access = await read(written("token: abc"));
    expect(access).toMatchObject({ ok: true, value: { namespace: "agents", isUnverified: false } });
    if (!access.ok) return;
    expect(access.value.server.href).toBe("https://127.0.0.1:6443/");
    expect(await tokenOf(access)).toBe("abc");
  });

  test("reads certificates from the file itself, and from files beside it", async () => {
    const data = Buffer.from("PEM of the client").toString("base64");
    const path = written(
      `client-certificate-data: ${data}, client-key: key.pem`,
      ", certificate-authority: ca.pem",
    );
    writeFileSync(join(path, "../ca.pem"), "PEM of the authority");
    writeFileSync(join(path, "../key.pem"), "PEM of the key");
    const access = await read(path);
    expect(access).toMatchObject({ value: { ca: "PEM of the authority" } });
    expect(access.ok && (await access.value.signIn(new AbortController().signal))).toMatchObject({
      value: { token: null, cert: "PEM of the client", key: "PEM of the key" },
    });
  });

  test("reads a token's file anew each time", async () => {
    const path = written("tokenFile: token");
    const access = await read(path);
    const tokens: (string | null)[] = [];
    for (const token of ["one\n", "two\n"]) {
      writeFileSync(join(path, "../token"), token);
      tokens.push(await tokenOf(access));
    }
    expect(tokens).toEqual(["one", "two"]);
  });

  test.for<[string, string, RegExp]>([
    ["a way that kubectl has given up", "auth-provider: {name: gcp}", /signs in by auth-provider/],
    ["a password", "username: ada, password: x", /signs in by username/],
  ])("refuses %s, and names another way", async ([, user, why]) => {
    const access = await read(written(user));
    expect(access).toMatchObject({
      ok: false,
      error: {
        message: expect.stringMatching(why) as unknown,
        fix: expect.stringContaining("kubectl proxy") as unknown,
      },
    });
  });

  test("reads no token from an empty text, and nothing of entries that the current context does not name", async () => {
    const path = written('token: ""');
    const others = readFileSync(path, "utf8").replace(
      "users: [",
      "users: [{name: other, user: {token: 1}}, ",
    );
    writeFileSync(path, others);
    const access = await read(path);
    expect(await tokenOf(access)).toBe(null);
  });

  test("a token that cannot be read fails a request, instead of sending it without one", async () => {
    const access = await read(written("tokenFile: absent"));
    if (!access.ok) return expect.fail(access.error.message);
    expect(await access.value.signIn(new AbortController().signal)).toMatchObject({
      error: { message: expect.stringMatching(/absent cannot be read \(ENOENT\)/) as unknown },
    });
  });

  test.for<[string, (text: string) => string, RegExp]>([
    ["what is no YAML, without showing it", () => "{token: secret", /: It is no YAML: [^\n]*line 1[^\n]*$/],
    ["what is no kubeconfig", () => "kind: Pod", /no kubeconfig with a current context/],
    [
      "a current context that is not there",
      (text) => text.replace("name: c,", "name: other,"),
      /no context "c"/,
    ],
    [
      "a context whose cluster is not there",
      (text) => text.replace("name: k,", "name: other,"),
      /no cluster "k"/,
    ],
    ["a context whose user is not there", (text) => text.replace("name: u,", "name: other,"), /no user "u"/],
    [
      "a server that is no URL",
      (text) => text.replace("https://", ""),
      /Its cluster "k": server: Invalid URL/,
    ],
    ["a token that is no text", (text) => text.replace("abc", "1"), /Its user "u": token: /],
  ])("refuses %s, and says so", async ([, change, says]) => {
    const path = written("token: abc");
    writeFileSync(path, change(readFileSync(path, "utf8")));
    const access = await read(path);
    expect(access).toMatchObject({ error: { message: expect.stringMatching(says) as unknown } });
    expect(JSON.stringify(access)).not.toMatch(/secret|abc/);
  });
});

describe("kubeAccess", () => {
  test("names the file that KUBECONFIG names, if it is not there", async () => {
    expect(await kubeAccess({ KUBECONFIG: "/proc/nowhere/config" })).toMatchObject({
      error: { message: "/proc/nowhere/config cannot be read (ENOENT)." },
    });
  });

  test("refuses several files", async () => {
    expect(await kubeAccess({ KUBECONFIG: "/a:/b" })).toMatchObject({
      error: { fix: expect.stringContaining("--flatten") as unknown },
    });
  });
});
