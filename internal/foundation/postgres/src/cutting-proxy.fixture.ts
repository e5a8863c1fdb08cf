import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** The name of a server's socket in its folder. */
const socketName = ".s.PGSQL.5432";

/**
 * A proxy in front of a server that cuts the connection of a client that commits: before the server gets the
 * commit, or after it has answered. With `silent` the proxy keeps the connection and passes nothing, like a
 * lost network. Returns the address to connect to.
 */
export const cuttingProxy = (url: string, cut: "before" | "after", how: "cut" | "silent" = "cut"): string => {
  const address = new URL(url.replace("@/", "@localhost/"));
  const upstream = address.searchParams.get("host") ?? "";
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-proxy-"));
  const proxy = createServer((client) => {
    const server = connect(join(upstream, socketName));
    let isCommitting = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    const lose = (): void => (how === "cut" ? end() : undefined);
    client.on("data", (bytes) => {
      isCommitting ||= bytes.includes("commit\0");
      if (isCommitting && cut === "before") lose();
      else server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (isCommitting) lose();
      else client.write(bytes);
    });
    for (const socket of [client, server]) socket.on("error", end).on("close", end);
  });
  proxy.listen(join(folder, socketName));
  onTestFinished(() => {
    proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });
  address.searchParams.set("host", folder);
  return address.href;
};
