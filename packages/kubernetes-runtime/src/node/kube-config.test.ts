import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { kubeAccess, kubeConfig } from "./kube-config.ts";

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

const written = (user: string, cluster = "", name = "c"): string => {
  const path = join(folder(), "config");
  writeFileSync(
    path,
    [
      "apiVersion: v1\nkind: Config\ncurrent-context: c",
      `clusters: [{name: k, cluster: {server: "https://127.0.0.1:6443"${cluster}}}]`,
      `users: [{name: u, user: {${user}}}]`,
      `contexts: [{name: ${name}, context: {cluster: k, user: u, namespace: agents}}]`,
    ].join("\n"),
  );
  return path;
};

describe("kubeConfig", () => {
  test("reads the server, the namespace, and a token", async () => {
    const access = await kubeConfig(written("token: abc"));
    expect(access).toMatchObject({ ok: true, value: { namespace: "agents", isUnverified: false } });
    if (!access.ok) return;
    expect(access.value.server.href).toBe("https://127.0.0.1:6443/");
    expect(await access.value.token()).toBe("abc");
  });

  test("reads certificates from the file itself, and from files beside it", async () => {
    const data = Buffer.from("PEM of the client").toString("base64");
    const path = written(
      `client-certificate-data: ${data}, client-key: key.pem`,
      ", certificate-authority: ca.pem",
    );
    writeFileSync(join(path, "../ca.pem"), "PEM of the authority");
    writeFileSync(join(path, "../key.pem"), "PEM of the key");
    const access = await kubeConfig(path);
    expect(access).toMatchObject({
      value: { ca: "PEM of the authority", cert: "PEM of the client", key: "PEM of the key" },
    });
  });

  test("reads a token's file anew each time", async () => {
    const path = written("tokenFile: token");
    const access = await kubeConfig(path);
    const tokens: (string | null)[] = [];
    for (const token of ["one\n", "two\n"]) {
      writeFileSync(join(path, "../token"), token);
      tokens.push(access.ok ? await access.value.token() : null);
    }
    expect(tokens).toEqual(["one", "two"]);
  });

  test.for<[string, string, RegExp]>([
    ["a program that signs in", "exec: {command: aws}", /signs in by exec/],
    ["a password", "username: ada, password: x", /signs in by username/],
  ])("refuses %s, and names another way", async ([, user, why]) => {
    const access = await kubeConfig(written(user));
    expect(access).toMatchObject({
      ok: false,
      error: {
        message: expect.stringMatching(why) as unknown,
        fix: expect.stringContaining("kubectl proxy") as unknown,
      },
    });
  });

  test("refuses a file without its current context", async () => {
    expect(await kubeConfig(written("token: abc", "", "other"))).toMatchObject({
      error: { message: expect.stringContaining("no kubeconfig with a current context") as unknown },
    });
  });
});

describe("kubeAccess", () => {
  test("names the file that KUBECONFIG names, if it is not there", async () => {
    expect(await kubeAccess({ KUBECONFIG: "/nowhere/config" })).toMatchObject({
      error: { message: "/nowhere/config cannot be read (ENOENT)." },
    });
  });

  test("refuses several files", async () => {
    expect(await kubeAccess({ KUBECONFIG: "/a:/b" })).toMatchObject({
      error: { fix: expect.stringContaining("--flatten") as unknown },
    });
  });
});
