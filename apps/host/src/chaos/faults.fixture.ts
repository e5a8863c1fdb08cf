import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { Worker } from "./processes.fixture.ts";
import type { Chances } from "./random.fixture.ts";
import type { World } from "./world.fixture.ts";

/** What goes wrong in a world. A new fault is a row of `faults`; a scenario names how often it comes. */
type Fault = (world: World, chances: Chances) => unknown;

/** Less than a lease, and longer than the server lets a transaction idle. */
const pausedMs = 5_000;

/** Time in which a cut node is given up by its hosts, and its agents run on another one, ms. */
const cutMs = 120_000;

/** A part that only some worlds have. */
const need = <T>(part: T | null | undefined): T => part ?? expect.fail("This world has no such part.");

/** Does something to one of the agents, if one runs. */
const toOne = async ({ place, dataDir }: World, chances: Chances, how: (one: Worker) => void) => {
  const all = await place.list(dataDir);
  const victim = all[chances.below(all.length)];
  if (victim !== undefined) how(victim);
};

const removeAll = async ({ place }: World, graceSeconds: number): Promise<void> => {
  const pods = need(place.pods);
  for (const { metadata } of await pods.list()) await pods.remove(metadata.name, graceSeconds);
};

const strikeLab = ({ place }: World, part: string): void => need(place.pods?.lab).strike(part);

export const faults: Readonly<Record<string, Fault>> = {
  "kill a host": (world, chances) => world.killHost(chances.below(world.hostCount)),
  "kill the first host": (world) => world.killHost(0),
  "kill the second host": (world) => world.killHost(1),
  "stop a host for a while": (world, chances) => world.pauseHost(chances.below(world.hostCount), pausedMs),
  "kill an agent": (world, chances) => toOne(world, chances, world.place.kill),
  "kill a container's monitor": (world, chances) => toOne(world, chances, need(world.place.killMonitor)),
  "kill the engine": ({ place }) => need(place.killEngine)(),
  "cut the power": (world) => world.cutPower(),
  // The restart is not awaited: the next fault may come while the host carries it out.
  "restart a group": ({ groups: [group = "", ...others], ask }, chances) => {
    const id = chances.pick([group, ...others]);
    void ask("groups-restart", { id, message: `note ${chances.below(1_000_000)} for ${id}` });
  },
  "break a call of Telegram": ({ lines }, chances) => need(lines.telegram).breakCall(chances),
  "repeat updates of Telegram": ({ lines }, chances) => need(lines.telegram).disturb(chances),
  "break a call of Slack": ({ lines }, chances) => need(lines.slack).breakCall(chances),
  "end a socket of Slack": ({ lines }, chances) => need(lines.slack).disturb(chances),
  "break a call of Discord": ({ lines }, chances) => need(lines.discord).breakCall(chances),
  "end a socket of Discord": ({ lines }, chances) => need(lines.discord).disturb(chances),
  "delete a Pod": async ({ place }) => {
    const [pod] = await need(place.pods).list();
    if (pod !== undefined) await need(place.pods).remove(pod.metadata.name, 1);
  },
  "delete all Pods by force": (world) => removeAll(world, 0),
  "kill the API server": (world) => strikeLab(world, "apiserver"),
  "kill a kubelet": (world) => strikeLab(world, "node1-kubelet"),
  "kill a containerd": (world) => strikeLab(world, "node2-containerd"),
  "kill the API server while Pods are deleted": async (world) => {
    await removeAll(world, 1);
    strikeLab(world, "apiserver");
  },
  // Turns go on there. They end after others have taken their messages over, and are refused.
  "cut a node off, and delete its Pods by force": async (world) => {
    const pods = need(world.place.pods);
    const onNode = (await pods.list()).filter(({ spec }) => spec.nodeName === "node2");
    need(pods.lab).cut("node2", true);
    await pause(cutMs / 2);
    for (const { metadata } of onNode) await pods.remove(metadata.name, 0);
    await pause(cutMs / 2);
    need(pods.lab).cut("node2", false);
  },
};
