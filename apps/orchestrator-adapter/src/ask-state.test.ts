import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Provider } from "@gatehouse/provider-facts";
import { installCli, makeBed, type Bed } from "@gatehouse/test-kit";
import { expect, test } from "vitest";
import { askState, type StateAnswer } from "./ask-state.ts";

type Given = {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
};

const ask = (
  fixture: Bed,
  provider: Provider,
  cwd: string,
  { args = [], env = {}, file = fixture.cli }: Given = {},
) =>
  askState({
    provider,
    cwd,
    args,
    file,
    home: fixture.home,
    env: { HOME: fixture.home, PATH: "/proc/nowhere", ...env },
  });

const write = (fixture: Bed, file: string, text: string): void => {
  mkdirSync(dirname(join(fixture.home, file)), { recursive: true });
  writeFileSync(join(fixture.home, file), text);
};

const trustOf = ({ trust }: StateAnswer) => [trust.isProven, trust.refusal?.code ?? null];

type TrustFile = {
  readonly provider: Provider;
  readonly file: string;
  readonly text: (folder: string) => string;
};

const trustFiles: readonly TrustFile[] = [
  {
    provider: "gemini",
    file: ".gemini/trustedFolders.json",
    text: (folder) => JSON.stringify({ [folder]: "TRUST_FOLDER" }),
  },
  {
    provider: "copilot",
    file: ".copilot/config.json",
    text: (folder) => JSON.stringify({ trustedFolders: [folder] }),
  },
  {
    provider: "qwen",
    file: ".qwen/trustedFolders.json",
    text: (folder) => JSON.stringify({ [folder]: "TRUST_FOLDER" }),
  },
];

test.each(trustFiles)("allows $provider only in a folder that its state trusts", async (row) => {
  const { provider, file, text } = row;
  const fixture = makeBed();
  if (provider === "qwen")
    write(fixture, ".qwen/settings.json", JSON.stringify({ security: { folderTrust: { enabled: true } } }));
  const [trusted, other] = [fixture.folder("trusted"), fixture.folder("other")];
  write(fixture, file, text(trusted));
  expect(trustOf(await ask(fixture, provider, trusted))).toEqual([true, null]);
  expect(await ask(fixture, provider, other)).toMatchObject({
    trust: { key: other, isProven: false, refusal: { code: "no-key" } },
  });
});

test("refuses Kimi in every folder that its state does not name", async () => {
  const fixture = makeBed();
  expect(trustOf(await ask(fixture, "kimi", fixture.folder("a")))).toEqual([false, "no-key"]);
});

test("allows Qwen everywhere if its settings do not ask for trust", async () => {
  const fixture = makeBed();
  installCli(fixture, "qwen", "0.24.4");
  const file = join(fixture.root, "bin", "qwen");
  expect(trustOf(await ask(fixture, "qwen", fixture.folder("a"), { file }))).toEqual([true, null]);
});

test("leaves the decision to the screen for an untested version, and names it", async () => {
  const fixture = makeBed();
  installCli(fixture, "qwen", "99.0.0");
  const answer = await ask(fixture, "qwen", fixture.folder("a"), { file: join(fixture.root, "bin", "qwen") });
  expect(trustOf(answer)).toEqual([false, null]);
  expect(answer.diagnostics).toMatchObject([{ code: "version-not-proven" }]);
});

test("refuses a folder that the user marked as untrusted", async () => {
  const fixture = makeBed();
  const folder = fixture.folder("a");
  write(fixture, ".gemini/trustedFolders.json", JSON.stringify({ [folder]: "DO_NOT_TRUST" }));
  const given = { args: ["--skip-trust"] };
  expect(trustOf(await ask(fixture, "gemini", folder, given))).toEqual([false, "untrusted-by-user"]);
});

test.each([
  { provider: "gemini", given: { args: ["--skip-trust"] } },
  { provider: "gemini", given: { env: { GEMINI_CLI_TRUST_WORKSPACE: "true" } } },
  { provider: "pi", given: { args: ["--approve"] } },
  { provider: "copilot", given: { env: { COPILOT_ALLOW_ALL: "1" } } },
] as const)("$provider starts where the launch says that it may: $given", async ({ provider, given }) => {
  const fixture = makeBed();
  expect(trustOf(await ask(fixture, provider, fixture.folder("a"), given))).toEqual([false, null]);
});

test("leaves the decision to the screen for an unreadable state, and names it", async () => {
  const fixture = makeBed();
  write(fixture, ".gemini/trustedFolders.json", "torn {");
  expect(await ask(fixture, "gemini", fixture.folder("a"))).toMatchObject({
    trust: { isProven: false, refusal: null },
    diagnostics: [{ code: "state-unreadable" }],
  });
});
