import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** A cluster on this machine, whose parts are processes (a line `PID NAME` each in `run/pids`) and network namespaces. */
export type Lab = {
  /** Kills a part, such as `apiserver` or `node1-kubelet`, and starts it again as it was. */
  readonly strike: (part: string) => void;
  /** Cuts a node off the network, or joins it again. */
  readonly cut: (node: string, isCut: boolean) => void;
};

/** Reads what runs of the lab in this folder. */
export const openLab = (folder: string): Lab => {
  const file = join(folder, "run/pids");
  const pidOf = (part: string): string => {
    const pid = readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split(" "))
      .findLast(([, name]) => name === part)?.[0];
    if (pid === undefined || !existsSync(`/proc/${pid}`)) throw new Error(`${part} does not run`);
    return pid;
  };
  return {
    strike: (part) => {
      const pid = pidOf(part);
      const words = (name: string): readonly string[] =>
        readFileSync(`/proc/${pid}/${name}`, "utf8").split("\0").slice(0, -1);
      const [node = "", kind] = part.split("-");
      const env = Object.fromEntries(words("environ").map((line) => line.split(/=(.*)/s).slice(0, 2)));
      const own = words("cmdline");
      const enter = join(folder, "run", node, "enter.sh");
      // What runs on a node is in its namespaces, which another process of the node keeps meanwhile.
      const [program = "", ...args] =
        kind === "kubelet"
          ? [join(folder, "run", node, "kubelet.sh")]
          : kind === "containerd"
            ? ["nsenter", "-t", pidOf(`${node}-kubelet`), "-n", "-m", "--", ...own]
            : own;
      process.kill(Number(pid), "SIGKILL");
      const out = openSync(join(folder, `run/log/${part}.log`), "a");
      const again = spawn(program, args, { env, detached: true, stdio: ["ignore", out, out] });
      again.unref();
      appendFileSync(file, `${again.pid ?? ""} ${part}\n`);
      if (kind === "containerd")
        writeFileSync(enter, readFileSync(enter, "utf8").replace(/-t \d+/, `-t ${again.pid ?? ""}`));
    },
    cut: (node, isCut) => {
      execFileSync("ip", ["link", "set", node.replace("node", "kv"), isCut ? "down" : "up"]);
    },
  };
};
