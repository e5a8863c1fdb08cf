import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Provider } from "@gatehouse/std";
import { installCli, makeBed, type Bed } from "@gatehouse/test-kit";
import { expect, test } from "vitest";
import { askState, type StateAnswer } from "./ask-state.ts";

type Given = {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
};

const ask = (
  bed: Bed,
  provider: Provider,
  cwd: string,
  { args = [], env = {}, file = bed.cli }: Given = {},
) =>
  askState({
    ...{ provider, cwd, args, file, home: bed.home },
    env: { HOME: bed.home, PATH: "/nowhere", ...env },
  });

const write = (bed: Bed, file: string, text: string): void => {
  mkdirSync(dirname(join(bed.home, file)), { recursive: true });
  writeFileSync(join(bed.home, file), text);
};

const isTold = ({ trust }: StateAnswer) => [trust.isProven, trust.refusal?.code ?? null];

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

test.each(trustFiles)(
  "$provider may start where its state trusts the folder, and nowhere else",
  async (row) => {
    const { provider, file, text } = row;
    const bed = makeBed();
    if (provider === "qwen")
      write(bed, ".qwen/settings.json", JSON.stringify({ security: { folderTrust: { enabled: true } } }));
    const [trusted, other] = [bed.folder("trusted"), bed.folder("other")];
    write(bed, file, text(trusted));
    expect(isTold(await ask(bed, provider, trusted))).toEqual([true, null]);
    expect(await ask(bed, provider, other)).toMatchObject({
      trust: { key: other, isProven: false, refusal: { code: "no-key" } },
    });
  },
);

test("Kimi starts nowhere that its state does not name", async () => {
  const bed = makeBed();
  expect(isTold(await ask(bed, "kimi", bed.folder("a")))).toEqual([false, "no-key"]);
});

test("Qwen starts everywhere where its settings ask for no trust", async () => {
  const bed = makeBed();
  installCli(bed, "qwen", "0.24.4");
  const file = join(bed.root, "bin", "qwen");
  expect(isTold(await ask(bed, "qwen", bed.folder("a"), { file }))).toEqual([true, null]);
});

test("a version that was not tried leaves the decision to the screen, and is named", async () => {
  const bed = makeBed();
  installCli(bed, "qwen", "99.0.0");
  const answer = await ask(bed, "qwen", bed.folder("a"), { file: join(bed.root, "bin", "qwen") });
  expect(isTold(answer)).toEqual([false, null]);
  expect(answer.diagnostics).toMatchObject([{ code: "version-not-proven" }]);
});

test("a folder that the user called untrusted is refused as such", async () => {
  const bed = makeBed();
  const folder = bed.folder("a");
  write(bed, ".gemini/trustedFolders.json", JSON.stringify({ [folder]: "DO_NOT_TRUST" }));
  const given = { args: ["--skip-trust"] };
  expect(isTold(await ask(bed, "gemini", folder, given))).toEqual([false, "untrusted-by-user"]);
});

test.each([
  { provider: "gemini", given: { args: ["--skip-trust"] } },
  { provider: "gemini", given: { env: { GEMINI_CLI_TRUST_WORKSPACE: "true" } } },
  { provider: "pi", given: { args: ["--approve"] } },
  { provider: "copilot", given: { env: { COPILOT_ALLOW_ALL: "1" } } },
] as const)("$provider starts where the launch says that it may: $given", async ({ provider, given }) => {
  const bed = makeBed();
  expect(isTold(await ask(bed, provider, bed.folder("a"), given))).toEqual([false, null]);
});

test("a state that cannot be read leaves the decision to the screen, and is named", async () => {
  const bed = makeBed();
  write(bed, ".gemini/trustedFolders.json", "torn {");
  expect(await ask(bed, "gemini", bed.folder("a"))).toMatchObject({
    trust: { isProven: false, refusal: null },
    diagnostics: [{ code: "state-unreadable" }],
  });
});
