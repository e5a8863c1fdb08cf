import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { stateFile } from "@trust/claude-state-probe/node";
import type { Environment } from "../../index.ts";
import { copilotStore } from "../stores/copilot-store.ts";
import { geminiStore, qwenStore } from "../stores/trusted-folders.ts";
import { kimiStore } from "../stores/kimi-store.ts";
import { piStore } from "../stores/pi-store.ts";
import { turnLock, type TurnLock } from "./turn-lock.ts";

const makeRoot = (): string => {
  const root = realpathSync(mkdtempSync("/tmp/turn-lock-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "home"));
  return root;
};

type Locate = (env: Environment, home: string) => string;

const places = {
  claude: stateFile,
  gemini: (env: Environment, home: string) => geminiStore.file({ env, home }),
  copilot: (env: Environment, home: string) => copilotStore.file({ env, home }),
  qwen: (env: Environment, home: string) => qwenStore.file({ env, home }),
  kimi: (env: Environment, home: string) => kimiStore.file({ env, home }),
  pi: (env: Environment, home: string) => piStore.file({ env, home }),
} as const;

type Located = keyof typeof places;

const lockOf = (provider: Located, env: Environment, home: string): Promise<TurnLock> => {
  const locate: Locate = places[provider];
  return turnLock({ provider, home, file: locate(env, home), homeFile: locate({}, home) });
};

describe("the lock of a CLI's state", () => {
  test.for(Object.keys(places) as Located[])(
    "is in HOME if no variable moves the state of %s",
    async (provider) => {
      const home = join(makeRoot(), "home");
      const path = join(home, ".gatehouse", "locks", provider);
      expect(await lockOf(provider, {}, home)).toEqual({ path, unavailable: null });
      expect(statSync(join(home, ".gatehouse")).mode & 0o777).toBe(0o711);
      expect(statSync(join(home, ".gatehouse", "locks")).mode & 0o777).toBe(0o700);
    },
  );

  const elsewhere: readonly { provider: Located; env: (root: string) => Environment; folder: string }[] = [
    { provider: "claude", env: (root) => ({ CLAUDE_CONFIG_DIR: `${root}/x` }), folder: "x" },
    { provider: "gemini", env: (root) => ({ GEMINI_CLI_HOME: `${root}/x` }), folder: "x/.gemini" },
    {
      provider: "gemini",
      env: (root) => ({ GEMINI_CLI_TRUSTED_FOLDERS_PATH: `${root}/x/trusted.json` }),
      folder: "x",
    },
    { provider: "copilot", env: (root) => ({ COPILOT_HOME: `${root}/x` }), folder: "x" },
    { provider: "qwen", env: (root) => ({ QWEN_HOME: `${root}/x` }), folder: "x" },
    {
      provider: "qwen",
      env: (root) => ({ QWEN_CODE_TRUSTED_FOLDERS_PATH: `${root}/x/trusted.json` }),
      folder: "x",
    },
    { provider: "kimi", env: (root) => ({ KIMI_CODE_HOME: `${root}/x` }), folder: "x" },
    { provider: "pi", env: (root) => ({ PI_CODING_AGENT_DIR: `${root}/x` }), folder: "x" },
  ];
  test.for(elsewhere)(
    "is beside the state if $env moves the state of $provider, for any HOME",
    async ({ provider, env, folder }) => {
      const root = makeRoot();
      mkdirSync(join(root, "another"));
      const lock = { path: join(root, folder, ".gatehouse.lock"), unavailable: null };
      for (const home of ["home", "another"])
        expect(await lockOf(provider, env(root), join(root, home))).toEqual(lock);
    },
  );

  test("is in HOME if a variable names the default path", async () => {
    const home = join(makeRoot(), "home");
    symlinkSync(home, `${home}-link`);
    const path = join(home, ".gatehouse", "locks", "claude");
    expect(await lockOf("claude", { CLAUDE_CONFIG_DIR: home }, home)).toEqual({ path, unavailable: null });
    expect(await lockOf("claude", { CLAUDE_CONFIG_DIR: `${home}-link/` }, home)).toEqual({
      path,
      unavailable: null,
    });
  });

  test("is one file for every path of HOME, before and after the state exists", async () => {
    const home = join(makeRoot(), "home");
    symlinkSync(home, `${home}-link`);
    const before = await lockOf("gemini", {}, `${home}-link`);
    mkdirSync(join(home, ".gemini"));
    const after = await lockOf("gemini", {}, home);
    expect(realpathSync(join(before.path, ".."))).toBe(realpathSync(join(after.path, "..")));
  });

  test("is beside the state if a link shares it between two HOMEs", async () => {
    const root = makeRoot();
    for (const name of ["shared", "another"]) mkdirSync(join(root, name));
    for (const home of ["home", "another"]) {
      symlinkSync(join(root, "shared"), join(root, home, ".qwen"));
      expect((await lockOf("qwen", {}, join(root, home))).path).toBe(join(root, "shared", ".gatehouse.lock"));
    }
  });

  test("is unavailable if others may write its folder, or if the folder cannot be made", async () => {
    const home = join(makeRoot(), "home");
    mkdirSync(join(home, ".gatehouse", "locks"), { recursive: true });
    chmodSync(join(home, ".gatehouse", "locks"), 0o770);
    expect((await lockOf("claude", {}, home)).unavailable).toMatch(
      /locks can be written by others \(mode 0770\)/,
    );
    expect((await lockOf("claude", {}, "/dev/null/home")).unavailable).toBe(
      "ENOTDIR: /dev/null/home/.gatehouse/locks",
    );
  });
});
