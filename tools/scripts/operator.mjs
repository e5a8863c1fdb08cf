// node tools/scripts/operator.mjs ARGS: runs gatehouse from this checkout, for `make`, also as root. Sets up first if
// needed.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runNode } from "./run-node.mjs";
import { root, setUpOrExit } from "./setup.mjs";

const [first, ...args] = process.argv.slice(2);
if (first === "--set-up") await setUpOrExit({ build: "programs" });
else {
  setUpAsOwner();
  // npm runs scripts in the repository; INIT_CWD is the folder in which npm was called.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  runNode([join(root, "apps/host/bin/gatehouse.js"), first, ...args], { cwd });
}

/** Runs the set-up as the checkout's owner, who could not change files that root installs. */
function setUpAsOwner() {
  const { uid } = statSync(root);
  const script = fileURLToPath(import.meta.url);
  const setUp = [process.execPath, script, "--set-up"];
  const command =
    process.getuid() === 0 && uid !== 0
      ? ["sudo", "-n", "-H", "-u", `#${uid}`, "env", `PATH=${path()}`, ...setUp]
      : setUp;
  const [program, ...rest] = command;
  const { status, error } = spawnSync(program, rest, {
    env: { ...process.env, PATH: path() },
    stdio: ["ignore", 2, 2],
  });
  if (status === 0) return;
  console.error(error?.message ?? `This checkout is not set up. As its owner: cd ${root} && npm run build`);
  process.exit(1);
}

/** The PATH with the folder of this node first, which has npm too. */
function path() {
  return [dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter);
}
