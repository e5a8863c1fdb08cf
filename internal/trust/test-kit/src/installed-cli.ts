import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { agentClis, type Provider } from "@trust/preflight";
import type { Bed } from "./fake-claude.ts";

/**
 * Installs a provider's CLI as npm does, on the test machine's PATH: its bin is a link into its package. A
 * start of it writes a file; returns that file's path.
 */
export const installCli = (bed: Bed, provider: Provider, version: string): string => {
  const { file, npmPackage } = agentClis[provider];
  const home = join(bed.root, "lib", "node_modules", npmPackage);
  const [bin, started] = [join(home, "bin", `${file}.sh`), join(bed.root, `${file}-was-started`)];
  mkdirSync(dirname(bin), { recursive: true });
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: npmPackage, version }));
  writeFileSync(bin, `#!/bin/sh\necho started >> '${started}'\necho '${file} ${version}'\n`);
  chmodSync(bin, 0o755);
  symlinkSync(bin, join(bed.root, "bin", file));
  return started;
};
