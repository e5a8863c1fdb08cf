import { once } from "node:events";
import { renameSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";

/** A relay in front of the socket at which a host's runners dial. */
export type RunnersLine = {
  /** Ends the connections that go through the relay. False if there are none. */
  readonly cut: () => boolean;
  /** Takes the relay away, with its connections, before the next host takes the socket's path. */
  readonly remove: () => void;
};

/** Puts a relay before the socket of a running host. Runners that have dialed before stay connected past it. */
export const relayRunners = async (dataDir: string): Promise<RunnersLine> => {
  const path = join(dataDir, "runners.sock");
  const hosts = join(dataDir, "runners-of-host.sock");
  renameSync(path, hosts);
  const open = new Set<Socket>();
  const relay = createServer((runner) => {
    const host = connect(hosts);
    runner.pipe(host).pipe(runner);
    for (const socket of [runner, host]) {
      open.add(socket);
      // One that was cut ends with an error on its other side, too.
      socket.on("error", () => {});
      socket.once("close", () => {
        open.delete(socket);
        runner.destroy();
        host.destroy();
      });
    }
  });
  relay.listen(path);
  await once(relay, "listening");
  const cut = (): boolean => {
    const isThere = open.size > 0;
    for (const socket of open) socket.destroy();
    return isThere;
  };
  return {
    cut,
    remove: () => {
      relay.close();
      cut();
      for (const file of [path, hosts]) rmSync(file, { force: true });
    },
  };
};
