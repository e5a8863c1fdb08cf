import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Box } from "../box/box.ts";
import { textOf } from "../box/state.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";

/** One start of a real CLI: its arguments, and Codex's config.toml at that moment. */
export type CliStart = {
  readonly provider: string;
  readonly args: readonly string[];
  readonly config: string | null;
};

const folderOf = ({ root }: Box): string => join(root, "starts");

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * A program in the box that notes how it was started, and then becomes the real CLI. Starts with --version or
 * --help are not noted. Returns its path.
 */
export const observe = (box: Box, { provider, path }: InstalledCli): string => {
  const [bin, starts] = [join(box.root, "bin"), folderOf(box)];
  for (const folder of [bin, starts]) mkdirSync(folder, { recursive: true });
  const file = join(bin, provider);
  const lines = [
    "#!/bin/sh",
    `case "$1" in --help|--version) exec ${quoted(path)} "$@";; esac`,
    // One file for each process: the process id stays the same when it becomes the CLI.
    `note=${quoted(starts)}/${provider}.$$`,
    'if [ -f "$HOME/.codex/config.toml" ]; then cp "$HOME/.codex/config.toml" "$note.toml"; fi',
    `printf '%s\\0' "$@" > "$note.new" && mv "$note.new" "$note.args"`,
    `exec ${quoted(path)} "$@"`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  chmodSync(file, 0o755);
  return file;
};

/** The starts so far. */
export const cliStarts = (box: Box): readonly CliStart[] => {
  const folder = folderOf(box);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith(".args"))
    .map((name) => ({
      provider: name.slice(0, name.indexOf(".")),
      // An empty argument counts too; after the last NUL there is no argument.
      args: readFileSync(join(folder, name), "utf8").split("\0").slice(0, -1),
      config: textOf(join(folder, name.replace(/args$/, "toml"))),
    }));
};
