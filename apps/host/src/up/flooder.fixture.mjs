// Floods a socket until its standard input ends: node --input-type=module -e CODE KIND COUNT TARGET TOKEN
// Prints a line once so many connections have been open at the same time. A connection that the host ends is opened anew.
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import process from "node:process";

const [kind = "", count = "", target = "", token = ""] = process.argv.slice(1);
const most = Number(count);
const half = 31 * 2 ** 20;

/** What one connection sends; nothing for an idle one, and for a TLS handshake that never begins. */
const sends = {
  idle: () => {},
  handshake: () => {},
  body: (socket) => {
    const head = ["POST /v1/messages HTTP/1.1", "host: gateway", `authorization: Bearer ${token}`];
    socket.write(
      `${[...head, "content-type: application/json", `content-length: ${half + 2 ** 20}`].join("\r\n")}\r\n\r\n`,
    );
    socket.write(Buffer.alloc(half, 0x20));
  },
};

let [opened, isEnding] = [0, false];
const open = () => {
  const socket = connect(
    /^\d+$/.test(target) ? { port: Number(target), host: "127.0.0.1" } : { path: target },
  );
  socket.on("connect", () => {
    sends[kind]?.(socket);
    if ((opened += 1) === most) process.stdout.write("open\n");
  });
  socket.on("error", () => {});
  socket.on("data", () => {});
  socket.on("close", () => {
    // A pause, so that a refused connection does not take this machine's time from the host.
    if (!isEnding) setTimeout(open, 1_000);
  });
};
for (let made = 0; made < most; made += 1) open();
process.stdin.resume().on("end", () => {
  isEnding = true;
  process.exit(0);
});
