import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkField } from "./check-config.ts";
import { mountProblem } from "./mount.ts";

const problemOf = (hostPath: string, containerPath = "data"): string | null => {
  const checked = checkField("additional_mounts", [{ hostPath, containerPath }]);
  return checked.ok ? null : checked.error.problems.map(({ problem }) => problem).join("; ");
};

describe("checkField, for a mount's host path,", () => {
  test.each([
    "/srv/data",
    "/home/ada/work",
    "/var/lib/agents",
    "/etcetera",
    "/srv/environment",
    "/data/ssh",
    "/usr/share/dict",
    "/srv/claude",
    "/home/ada/.config/nvim",
    "/home/ada/.local/bin",
    "/home/ada/.local/share/fonts",
    "/srv/share/opencode",
    "/srv/.pip",
    "/home/ada/codex",
    "/root/work",
    "/var/home/ada/work",
    "/srv/gh",
    "/srv/.environment",
    "/srv/.sshd",
    "/srv/.dockerignore",
    "/srv/secrets",
    "/srv/.secretary",
    "/srv/credentialsapp",
    "/srv/public_key",
    "/srv/grid_rsa2",
  ])("accepts %s", (path) => expect(problemOf(path)).toBeNull());

  test.each([
    { path: "srv/data", problem: "is not absolute" },
    { path: "~/work", problem: "is not absolute" },
    { path: "/", problem: "holds /etc" },
    { path: "/var", problem: "holds /var/run" },
    { path: "/etc", problem: "/etc" },
    { path: "/etc/ssl", problem: "/etc" },
    { path: "/proc/1/root", problem: "/proc" },
    { path: "//etc//", problem: "/etc" },
    { path: "/var/run/docker.sock", problem: "/var/run" },
    { path: "/home/ada/.ssh", problem: "leads through .ssh" },
    { path: "/home/ada/.SSH/keys", problem: "leads through .SSH" },
    { path: "/srv/app/.env", problem: "leads through .env" },
    { path: "/srv/app/.env.d", problem: "leads through .env.d" },
    { path: "/srv/app/.env-old/x", problem: "leads through .env-old" },
    { path: "/srv/app/.envrc", problem: "leads through .envrc" },
    { path: "/srv/app/prod.env", problem: "leads through prod.env" },
    { path: "/srv/app/.secret", problem: "leads through .secret" },
    { path: "/srv/app/my.secrets/x", problem: "leads through my.secrets" },
    { path: "/srv/aws-credentials", problem: "leads through aws-credentials" },
    { path: "/srv/Credentials.json", problem: "leads through Credentials.json" },
    { path: "/srv/private_key", problem: "leads through private_key" },
    { path: "/srv/deploy-private-keys/x", problem: "leads through deploy-private-keys" },
    { path: "/srv/id_rsa.pub", problem: "leads through id_rsa.pub" },
    { path: "/srv/old_id_ed25519", problem: "leads through old_id_ed25519" },
    { path: "/home/ada/.ssh.old", problem: "leads through .ssh.old" },
    { path: "/home/ada/.aws-work", problem: "leads through .aws-work" },
    { path: "/home/ada/.claude", problem: "leads through .claude" },
    { path: "/home/ada/.claude/projects", problem: "leads through .claude" },
    { path: "/home/ada/.claude.json", problem: "leads through .claude.json" },
    { path: "/home/ada/.claude.json.backup.17", problem: "leads through .claude.json.backup.17" },
    { path: "/srv/app/.claude-shared", problem: "leads through .claude-shared" },
    { path: "/home/ada/.Codex", problem: "leads through .Codex" },
    { path: "/home/ada/.gemini", problem: "leads through .gemini" },
    { path: "/home/ada/.kimi-code", problem: "leads through .kimi-code" },
    { path: "/home/ada/.pi/agent", problem: "leads through .pi" },
    { path: "/home/ada/.local", problem: "leads through .local" },
    { path: "/home/ada/.local/share", problem: "leads through .local" },
    { path: "/home/ada/.local/share/opencode/auth.json", problem: "leads through .local" },
    { path: "/home/ada/.config/opencode", problem: "leads through .config" },
    { path: "/home/ada/.config", problem: "leads through .config" },
    { path: "/home/ada/.config/gcloud", problem: "leads through .config" },
    { path: "/home/ada/.config/gh/hosts.yml", problem: "leads through .config" },
    { path: "/home", problem: "holds homes" },
    { path: "/Users", problem: "holds homes" },
    { path: "/var/home", problem: "holds homes" },
    { path: "/home/ada", problem: "is a home" },
    { path: "/home/bob/", problem: "is a home" },
    { path: "/Users/ada", problem: "is a home" },
    { path: "/root", problem: "/root/.ssh" },
    { path: "/srv/../etc", problem: "has . or .." },
    { path: "/srv/./data", problem: "has . or .." },
    { path: "/srv/data:rw", problem: "has one of" },
    { path: "/srv/data,readonly", problem: "has one of" },
    { path: "/srv/da\nta", problem: "control character" },
    { path: "/srv/da\0ta", problem: "control character" },
    { path: "", problem: "is empty" },
  ])("refuses $path: $problem", ({ path, problem }) => expect(problemOf(path)).toContain(problem));
});

describe("checkField, for a writable mount,", () => {
  const problemOf = (hostPath: string, readonly?: boolean): string | null => {
    const more = readonly === undefined ? {} : { readonly };
    const checked = checkField("additional_mounts", [{ hostPath, containerPath: "x", ...more }]);
    return checked.ok
      ? null
      : checked.error.problems.map(({ path, problem }) => `${path} ${problem}`).join("; ");
  };

  test.each(["/usr", "/usr/local/bin", "/bin", "/lib64", "/var/lib/agents", "/var/spool/cron", "/Library/x"])(
    "accepts %s only read-only",
    (path) => {
      expect(problemOf(path, false)).toMatch(/additional_mounts\.0\.hostPath holds .* mount it read-only/);
      expect(problemOf(path, true)).toBeNull();
      expect(problemOf(path)).toBeNull();
    },
  );

  test.each(["/", "/etc", "/var", "/boot", "/dev", "/proc/1", "/sys"])(
    "refuses %s, even read-only",
    (path) => {
      expect(problemOf(path, false)).not.toBeNull();
      expect(problemOf(path, true)).not.toBeNull();
    },
  );

  test.each(["/srv/data", "/home/ada/work", "/opt/notes", "/usrlocal", "/variable", "/tmp/x"])(
    "accepts %s",
    (path) => expect(problemOf(path, false)).toBeNull(),
  );
});

describe("checkField, for a mount's container path,", () => {
  test.each([
    { typed: "data", saved: "/workspace/extra/data" },
    { typed: "a/b", saved: "/workspace/extra/a/b" },
    { typed: "/workspace/extra/data/", saved: "/workspace/extra/data" },
  ])("saves $typed as $saved", ({ typed, saved }) => {
    expect(checkField("additional_mounts", [{ hostPath: "/srv", containerPath: typed }])).toMatchObject({
      value: [{ containerPath: saved }],
    });
  });

  test.each([
    "/workspace/extra",
    "/workspace/agent",
    "/workspace/extra2/x",
    "../x",
    "a/../../b",
    "/",
    "a:ro",
  ])("refuses %s", (path) => expect(problemOf("/srv/data", path)).not.toBeNull());
});

test("every accepted mount is below its root, and has no .. in its paths", () => {
  const part = fc.oneof(
    fc.constantFrom("..", ".", "", "etc", "data", "/", ".ssh", "workspace", "extra"),
    fc.string(),
  );
  const path = fc.array(part, { maxLength: 5 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(path, path, (hostPath, containerPath) => {
      const checked = checkField("additional_mounts", [{ hostPath, containerPath }]);
      if (!checked.ok) return;
      for (const mount of checked.value) {
        expect(mount.containerPath).toMatch(/^\/workspace\/extra\/./);
        expect(`${mount.hostPath}${mount.containerPath}`.split("/")).not.toContain("..");
        expect(mount.hostPath).toMatch(/^\/(?!etc(\/|$))/);
      }
    }),
  );
});

describe("mountProblem", () => {
  const host = { dataDir: "/home/ada/.gatehouse", home: "/home/ada" };
  test.each([
    { path: "/home/ada/.gatehouse", problem: "the data of all groups" },
    { path: "/home/ada/.gatehouse/groups/x", problem: "the data of all groups" },
    { path: "/home/ada", problem: "the data of all groups" },
    { path: "/home", problem: "the data of all groups" },
    { path: "/home/ada/.gatehouse2", problem: null },
    { path: "/home/ada/work", problem: null },
    { path: "/home/bob", problem: null },
  ])("finds for $path: $problem", ({ path, problem }) => {
    const found = mountProblem(path, host);
    if (problem === null) expect(found).toBeNull();
    else expect(found).toContain(problem);
  });

  test.each([
    { path: "/srv/people", problem: "holds /srv/people/mia" },
    { path: "/srv/people/mia", problem: "holds /srv/people/mia" },
    { path: "/srv/people/mia/work", problem: null },
    { path: "/srv/people/mia2", problem: null },
  ])("finds for $path, near another account's home: $problem", ({ path, problem }) => {
    const found = mountProblem(path, { ...host, homes: ["/srv/people/mia"] });
    expect(found === null ? null : found.split(":")[0]).toBe(problem);
  });

  test("refuses a whole home, even if the data folder is elsewhere", () => {
    expect(mountProblem("/home", { dataDir: "/srv/gatehouse", home: "/home/ada" })).toContain(
      "holds /home/ada",
    );
  });
});
