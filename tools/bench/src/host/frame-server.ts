import { serveSocket } from "@gatehouse/socket-server";

// node frame-server.ts PATH: the host's socket, with an answer that costs nothing.
const served = await serveSocket({
  path: process.argv[2] ?? "",
  answer: async (frame) => ({ id: "1", ok: true, data: frame }),
  report: console.error,
});
if (!served.ok) throw new Error(served.error.code);
console.log("ready");
