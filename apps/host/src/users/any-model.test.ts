// @module-tag rest
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test, type TestContext } from "vitest";
import { makeAccount, makeDataFolder, treeOf, whyNotForReal } from "./accounts.fixture.ts";
import { openTerminal, runPiped } from "./terminal.fixture.ts";

const slow = { tags: ["slow"] };

const [enter, down] = ["\r", "\x1b[B"];

/** Knows the models gpt-1 and uid-N, where N is the account that it runs as. */
const codex = `#!/bin/sh
while read line; do
  case "$line" in *model/list*) ;; *) continue ;; esac
  echo '{"id":2,"result":{"data":[{"model":"gpt-1","isDefault":true},{"model":"uid-'$(id -u)'"}]}}'
done
`;

/** A person and a data folder without a host; the commands find Codex on their PATH. */
const prepared = ({ skip }: Pick<TestContext, "skip">) => {
  if (whyNotForReal !== null) skip(whyNotForReal);
  const [service, person] = [makeAccount(), makeAccount()];
  const data = makeDataFolder(service);
  const bin = join(dirname(data), "bin");
  mkdirSync(bin, { mode: 0o755 });
  writeFileSync(join(bin, "codex"), codex, { mode: 0o755 });
  const PATH = `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const args = [
    "users",
    "add",
    "--data",
    data,
    "--telegram-id",
    "5",
    "--name",
    "Ana",
    "--os-user",
    person.name,
  ];
  const add = async (more: readonly string[], env: NodeJS.ProcessEnv = { PATH }, uid?: number) => {
    const { code, stdout } = await runPiped([...args, ...more, "--json"], env, uid);
    return { code, ...(JSON.parse(stdout) as object) };
  };
  return { service, person, data, args, env: { PATH }, add };
};

const codexWith = (model: string, ...more: readonly string[]): readonly string[] => [
  ...["--agent-backend", "codex", "--model", model, "--yes"],
  ...more,
];

describe("gatehouse users add with a model", () => {
  test("refuses a name that the backend's CLI does not know, and changes nothing", slow, async (context) => {
    const { service, data, add } = prepared(context);
    const before = treeOf(dirname(data));
    expect(await add(codexWith("gpt-l"))).toMatchObject({
      code: 1,
      error: {
        code: "model-unknown",
        // The CLI of the data folder runs as the host's account, not as root.
        message: `The CLI of codex knows no model "gpt-l". Did you mean gpt-1? It knows default, gpt-1, uid-${service.uid}.`,
        fix: expect.stringContaining("--any-model") as unknown,
      },
    });
    expect(treeOf(dirname(data))).toEqual(before);
  });

  test(
    "saves an unknown name with --any-model and a warning, and accepts it again",
    slow,
    async (context) => {
      const { data, add } = prepared(context);
      const warnings = expect.arrayContaining([
        expect.objectContaining({ code: "model-unknown" }),
      ]) as unknown;
      const saved = await add(codexWith("gpt-l", "--any-model"));
      expect(saved).toMatchObject({ code: 0, status: "added", warnings });
      expect(readFileSync(join(data, "users.yaml"), "utf8")).toContain("    model: gpt-l\n");
      expect(await add(codexWith("gpt-l"))).toMatchObject({ code: 0, status: "nothing-to-do", warnings });
    },
  );

  test(
    "saves a known name without a warning, and an unchecked name with a warning",
    slow,
    async (context) => {
      const { add } = prepared(context);
      const shown = await add(codexWith("gpt-1", "--dry-run"));
      expect(shown).toMatchObject({ code: 0, status: "would-add" });
      expect(JSON.stringify(shown)).not.toContain('"model-');
      const message = 'The model "gpt-l" was not checked: Codex is not on the PATH of this host.';
      expect(await add(codexWith("gpt-l"), {})).toMatchObject({
        code: 0,
        status: "added",
        warnings: expect.arrayContaining([{ code: "model-unchecked", message }]) as unknown,
      });
    },
  );

  test("runs no CLI for an account that is neither root nor the host's", slow, async (context) => {
    const { service, person, add, env } = prepared(context);
    const message = `The model "gpt-l" was not checked: only root and the account ${service.name} ask the CLI.`;
    expect(await add(codexWith("gpt-l", "--dry-run"), env, person.uid)).toMatchObject({
      code: 0,
      status: "would-add",
      warnings: expect.arrayContaining([{ code: "model-unchecked", message }]) as unknown,
    });
  });

  test("lets a person at a terminal replace an unknown name", slow, async (context) => {
    const { args, env } = prepared(context);
    const terminal = await openTerminal([...args, "--role", "user", "--dry-run"], env);
    await terminal.answers(/◆ {2}More settings\?/, "y");
    for (const question of ["GitHub login", "Folder"])
      await terminal.answers(new RegExp(`◆ {2}${question}`), enter);
    await terminal.answers(/◆ {2}Model/, `gpt-l${enter}`);
    await terminal.answers(/◆ {2}Agent backend/, `${down}${down}${enter}`);
    for (const question of ["Budget", "GitHub repositories"])
      await terminal.answers(new RegExp(`◆ {2}${question}`), enter);
    await terminal.sees('knows no model "gpt-l"');
    await terminal.answers(/◆ {2}Save it all the same\?/, "n");
    await terminal.answers(/◆ {2}Model, for Ana/, `gpt-1${enter}`);
    await terminal.sees(/model: gpt-1\b[^]*Nothing was changed/);
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  });
});
