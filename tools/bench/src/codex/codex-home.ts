import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary HOME of a person who uses Codex, and new repositories that are not trusted yet. */
export type CodexHome = {
  readonly env: { readonly [name: string]: string };
  readonly dataDir: string;
  readonly folders: readonly string[];
  readonly config: string;
  readonly dispose: () => Promise<void>;
};

/** About as many folders as a person answers for in a year. */
const entries = 50;

const configText = (): string => {
  const projects = Array.from(
    { length: entries },
    (_, index) => `\n[projects."/home/ada/work/my app ${index}"]\ntrust_level = "trusted"\n`,
  );
  return `model = "gpt-5.5"\nmodel_reasoning_effort = "high"\n\n[tui]\nnotifications = true\n${projects.join("")}`;
};

/**
 * A program at the place where npm would install it. It is found and its package is read, but it is never
 * started.
 */
const installCodex = async (root: string): Promise<string> => {
  const [bin, home] = [join(root, "bin"), join(root, "lib/node_modules/@openai/codex")];
  const program = join(home, "bin/codex.js");
  for (const folder of [bin, dirname(program)]) await mkdir(folder, { recursive: true });
  await writeFile(join(home, "package.json"), '{"name":"@openai/codex","version":"0.169.0"}');
  await writeFile(program, "#!/bin/false\n", { mode: 0o755 });
  await symlink(program, join(bin, "codex"));
  return bin;
};

export const makeCodexHome = async (folderCount: number): Promise<CodexHome> => {
  const root = await realpath(await mkdtemp(join(tmpdir(), "gatehouse-bench-")));
  const home = join(root, "home");
  const config = join(home, ".codex/config.toml");
  const folders = Array.from({ length: folderCount }, (_, index) => join(root, `folder-${index}`));
  for (const folder of [dirname(config), ...folders.map((folder) => join(folder, ".git"))])
    await mkdir(folder, { recursive: true });
  await writeFile(config, configText());
  return {
    env: { PATH: await installCodex(root), HOME: home },
    dataDir: join(root, "data"),
    folders,
    config,
    dispose: () => rm(root, { recursive: true, force: true }),
  };
};
